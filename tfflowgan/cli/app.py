"""What all commands share: flags, help that fits a screen, quiet libraries, one-sentence errors.

A command gives its name, one line on what it does, its flags as rows (name, type, default, help),
and a function of the parsed values. `--help` imports no TensorFlow, so it answers at once. Commands
that compute have the flag `--gpus`, and no TF32 unless they allow it.
"""

import contextlib
import dataclasses
import logging
import os
import sys
import textwrap
from collections.abc import Callable, Collection
from typing import NoReturn

from absl import app, flags

from tfflowgan import own_code
from tfflowgan.errors import Interrupted, UserError

__all__ = ["Flag", "allow_code", "called_name", "gpus", "run"]

_DEFINE = {
    bool: flags.DEFINE_boolean,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
}

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag of a command.

    Attributes:
      name: without dashes.
      type: bool, int, float or str.
      default: the value if the flag is not given.
      help: what `--help` says of it.
      group: the heading in `--help` that it stands under.
      may_be_empty: whether an empty text is a value; else it is refused.
    """

    name: str
    type: type
    default: object
    help: str
    group: str = ""
    may_be_empty: bool = False


def allow_code(group: str) -> Flag:
    """The flag of commands that load what may name files of code."""
    text = "execute files of Python code that are named by what is loaded, not by a flag"
    return Flag("allow_code", bool, False, text, group)


_LESS = {  # memory
    "batch_size": "a smaller --batch_size",
    "critic_batch": "a smaller --critic_batch",
    "annealing_batch": "a smaller --annealing_batch",
    "jit": "--jit=off, which keeps no images on the device",
    "gpus": "--gpus=0, the CPU",
}
_GPUS = Flag("gpus", int, None, "use only the first N GPUs; 0: the CPU (default: all)", "device")


def run(
    command: str,
    summary: str,
    rows: list[Flag],
    main: Callable[[dict], int | None],
    details: tuple[str, ...] = (),
    tensorflow: bool = True,
    words: str | None = None,
    renamed: dict[str, str] | None = None,
    fills_memory: Callable[[dict], Collection[str]] | None = None,
) -> None:
    """Parses the command line, runs the command and exits.

    Args:
      command: its name, such as "train".
      summary: what the command does, in one sentence.
      rows: its flags.
      main: the command, a function of the flags' values by name; a flag that has no default and was
        not given is None. What it returns is the exit code; None is 0.
      details: groups whose flags `--help` only lists; `--helpfull` describes them.
      tensorflow: whether the command needs TensorFlow. It is imported without its messages, and
        the command has the flag `--gpus`.
      words: what `--help` calls arguments without "--"; `main` gets them as a list under "words".
        If None, such arguments are refused.
      renamed: flags of earlier versions, with the flag to use instead. Giving one is an error.
      fills_memory: names of the flags that say how much is computed at once under given values;
        None for all of the command.
    """
    renamed = renamed or {}
    rows = [*rows, _GPUS] if tensorflow else rows
    for row in rows:
        _DEFINE[row.type](row.name, row.default, row.help)

    def parse(arguments):
        if any(a in ("-h", "--help", "-help") for a in arguments[1:]):
            print(_help(command, summary, rows, details, words))
            sys.exit(0)
        if any(a in ("--helpfull", "-helpfull") for a in arguments[1:]):
            print(_help(command, summary, rows, (), words))
            sys.exit(0)
        if gone := _first_renamed(arguments[1:], renamed):
            _fail(command, f"--{gone} is called --{renamed[gone]} now; give that instead.")
        try:
            rest = flags.FLAGS(arguments)
        except flags.Error as error:
            _fail(command, f"{_tidy(error, rows)}; --help lists the flags.")
        for row in rows:
            if flags.FLAGS[row.name].value == "" and not row.may_be_empty:
                _fail(command, f"--{row.name}= is empty; give a value, or leave the flag out.")
        if len(rest) > 1 and words is None:
            _fail(command, f"{rest[1]!r} is not a flag; values are given as --flag=value.")
        return rest

    def guarded(rest):
        values = {row.name: getattr(flags.FLAGS, row.name) for row in rows}
        try:
            _quieten(tensorflow)
            consent = own_code.consent(_typed(rows), everything=values.pop("allow_code", False))
            with _devices(values.pop("gpus")) if tensorflow else contextlib.nullcontext(), consent:
                code = main(values if words is None else values | {"words": rest[1:]})
            sys.exit(code or 0)
        except UserError as error:
            _fail(command, str(error))
        except Interrupted as end:
            _fail(command, str(end), end.code)
        except KeyboardInterrupt:
            _fail(command, "interrupted.", code=130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        except Exception as error:
            if not _is_full(error):
                raise
            given = {row.name: getattr(flags.FLAGS, row.name) for row in rows}
            ways = _ways(given, given if fills_memory is None else fills_memory(given))
            way = f"; use {', or '.join(ways)}" if ways else ""
            _fail(command, f"memory is full{way}. What was saved stays.")

    app.run(guarded, flags_parser=parse)


def _devices(gpus):
    """Chooses the devices; a context without TF32."""
    from tfflowgan import devices, tf32

    devices.use(gpus)
    return tf32.allowed(False)


def _is_full(error):
    """Whether an error is that of a device, or of this machine, without memory left."""
    tensorflow = sys.modules.get("tensorflow")
    kinds = (tensorflow.errors.ResourceExhaustedError,) if tensorflow else ()
    return isinstance(error, (MemoryError, *kinds))


def _ways(given, sizes):
    """What takes less memory, of a command with the values `given` and the flags `sizes`."""
    gpu = _uses_gpu()
    jit, chains = given.get("jit", "off"), given.get("annealing_batch")
    useful = {
        "batch_size": "batch_size" in sizes,
        "critic_batch": "critic_batch" in sizes,
        # by default ten groups of chains at once on a GPU, and one on a CPU, which is the least
        "annealing_batch": "annealing_batch" in sizes and (chains or (10 if gpu else 1)) > 1,
        "jit": "jit" in sizes and (jit == "on" or (jit in (None, "auto") and gpu)),
        "gpus": gpu,
    }
    return [way for name, way in _LESS.items() if name in given and useful[name]]


def _uses_gpu():
    """Whether TensorFlow is imported and may use a GPU."""
    tensorflow = sys.modules.get("tensorflow")
    return bool(tensorflow and tensorflow.config.get_visible_devices("GPU"))


def _typed(rows):
    """The texts that were given as flags, those of lists one by one; typing one is consent."""
    texts = [flags.FLAGS[row.name].value for row in rows if row.type is str]
    return [part.strip() for text in texts if text for part in text.split(",")]


def _first_renamed(arguments, renamed):
    """The first flag among the arguments that has another name now, or None."""
    for argument in arguments:
        if argument == "--":
            return None
        if argument.startswith("-"):
            name = argument.lstrip("-").partition("=")[0]
            for known in (name, name.removeprefix("no")):
                if known in renamed:
                    return known
    return None


def _fail(command, sentence, code=1) -> NoReturn:
    print(f"{called_name(command)}: {sentence}", file=sys.stderr)
    sys.exit(code)


def called_name(command: str) -> str:
    """The name that the user called: of a console script, or of a file in bin/."""
    called = os.path.basename(sys.argv[0])
    return called if called.startswith("tfflowgan-") else f"bin/{command}"


def gpus() -> Flag:
    """The flag that `run` adds to commands which need TensorFlow."""
    return _GPUS


def _tidy(error, rows):
    text = " ".join(str(error).split()).rstrip(".;")
    if isinstance(error, flags.IllegalFlagValueError):  # its reason is in Python's words
        given = text.removeprefix("flag ").partition(": ")[0]
        kinds = [row.type for row in rows if given.startswith(f"--{row.name}=")]
        if kinds:
            return f"{given} must be {_KINDS[kinds[0]]}"
    return text


def _help(command, summary, rows, details, words):
    lines = [
        f"{called_name(command)} {f'{words} ' if words else ''}[--flag=value ...]",
        "",
        *textwrap.wrap(summary, 110),
        "",
    ]
    group = None
    for row in rows:
        if row.group in details:
            continue
        if row.group != group:
            group = row.group
            lines += [f"{group}:"] if group else []
        value = "" if row.type is bool else f"={'' if row.default is None else row.default}"
        name = f"--[no]{row.name}" if row.type is bool else f"--{row.name}{value}"
        lines += textwrap.wrap(
            f"  {name:<28} {row.help}", 118, subsequent_indent=" " * 31, break_on_hyphens=False
        )
    for group in details:
        names = ", ".join(f"--{row.name}" for row in rows if row.group == group)
        lines += [
            f"{group} (--helpfull describes them):",
            *textwrap.wrap(names, 110, initial_indent="  ", subsequent_indent="  "),
        ]
    return "\n".join(lines)


def _quieten(tensorflow):
    """Sends our own messages to stderr as they are, and silences the libraries'.

    Raises:
      SetupError: the command needs TensorFlow, and Keras is set to another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import warnings

    warnings.filterwarnings("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)
    from absl import logging as absl_logging

    absl_logging.set_verbosity(absl_logging.ERROR)
    if tensorflow:
        from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

        with _stderr_discarded():  # importing prints lines that no environment variable silences
            import tensorflow as tf  # noqa: F401
    ours = logging.getLogger("tfflowgan")
    ours.setLevel(logging.INFO)
    ours.propagate = False
    ours.addHandler(logging.StreamHandler())


@contextlib.contextmanager
def _stderr_discarded():
    """Discards what is written to stderr, by C++ code too; exceptions keep their messages."""
    sys.stderr.flush()
    saved = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)

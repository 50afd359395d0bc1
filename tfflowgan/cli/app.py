"""What all commands share: flags, a help that fits a screen, quiet libraries, errors as one sentence.

A command gives its name, one line on what it does, its flags as rows (name, type, default, help), and a function of the
parsed values. Nothing here imports TensorFlow, so `--help` answers at once.
"""

import contextlib
import dataclasses
import logging
import os
import sys
import textwrap
from collections.abc import Callable

from absl import app, flags

from tfflowgan.errors import UserError

__all__ = ["Flag", "run"]

_DEFINE = {
    bool: flags.DEFINE_boolean,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
}


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag: its type (bool, int, float or str), default and help; `group` is a heading in `--help`."""

    name: str
    type: type
    default: object
    help: str
    group: str = ""


def run(
    command: str,
    summary: str,
    rows: list[Flag],
    main: Callable[[dict], None],
    details: tuple[str, ...] = (),
    tensorflow: bool = True,
    words: str | None = None,
) -> None:
    """Parses the command line, runs the command and exits.

    Args:
      command: such as "train".
      summary: what the command does, in a sentence.
      rows: its flags.
      main: takes a dict of the flags' values; None where a flag without default was not given.
      tensorflow: whether the command needs it; it is imported without its messages.
      details: groups whose flags `--help` only lists and `--helpfull` describes.
      words: what arguments without "--" are called in `--help`; they come as a list under "words". None refuses them.
    """
    for row in rows:
        _DEFINE[row.type](row.name, row.default, row.help)

    def parse(arguments):
        if any(a in ("-h", "--help", "-help") for a in arguments[1:]):
            print(_help(command, summary, rows, details, words))
            sys.exit(0)
        if any(a in ("--helpfull", "-helpfull") for a in arguments[1:]):
            print(_help(command, summary, rows, (), words))
            sys.exit(0)
        try:
            rest = flags.FLAGS(arguments)
        except flags.Error as error:
            _fail(command, f"{_tidy(error)}; --help lists the flags.")
        if len(rest) > 1 and words is None:
            _fail(command, f"{rest[1]!r} is not a flag; values are given as --flag=value.")
        return rest

    def guarded(rest):
        _quieten(tensorflow)
        values = {row.name: getattr(flags.FLAGS, row.name) for row in rows}
        try:
            main(values if words is None else values | {"words": rest[1:]})
        except UserError as error:
            _fail(command, str(error))
        except KeyboardInterrupt:
            _fail(command, "interrupted.", code=130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)

    app.run(guarded, flags_parser=parse)


def _fail(command, sentence, code=1):
    print(f"{_name(command)}: {sentence}", file=sys.stderr)
    sys.exit(code)


def _name(command):
    """What the user called: a console script, or a file in bin/."""
    called = os.path.basename(sys.argv[0])
    return called if called.startswith("tfflowgan-") else f"bin/{command}"


def _tidy(error):
    return " ".join(str(error).split()).rstrip(".;")


def _help(command, summary, rows, details, words):
    lines = [f"{_name(command)} {f'{words} ' if words else ''}[--flag=value ...]", "", *textwrap.wrap(summary, 110), ""]
    group = None
    for row in rows:
        if row.group in details:
            continue
        if row.group != group:
            group = row.group
            lines += [f"{group}:"]
        value = "" if row.type is bool else f"={'' if row.default is None else row.default}"
        name = f"--[no]{row.name}" if row.type is bool else f"--{row.name}{value}"
        lines += textwrap.wrap(f"  {name:<28} {row.help}", 118, subsequent_indent=" " * 31, break_on_hyphens=False)
    for group in details:
        names = ", ".join(f"--{row.name}" for row in rows if row.group == group)
        lines += [
            f"{group} (--helpfull describes them):",
            *textwrap.wrap(names, 110, initial_indent="  ", subsequent_indent="  "),
        ]
    return "\n".join(lines)


def _quieten(tensorflow):
    """Sends our own messages to stderr as they are, and silences what the libraries say for their developers."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import warnings

    warnings.filterwarnings("ignore")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)
    from absl import logging as absl_logging

    absl_logging.set_verbosity(absl_logging.ERROR)
    if tensorflow:
        with _stderr_to_nowhere():  # importing prints lines that no environment variable silences
            import tensorflow as tf  # noqa: F401
    ours = logging.getLogger("tfflowgan")
    ours.setLevel(logging.INFO)
    ours.propagate = False
    ours.addHandler(logging.StreamHandler())


@contextlib.contextmanager
def _stderr_to_nowhere():
    """Discards what C++ code writes to stderr meanwhile; exceptions still carry their message."""
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)

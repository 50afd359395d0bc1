"""`python -m tfflowgan.portable`: train, evaluate or sample by an exported program."""

import argparse
import pathlib
import sys
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.portable import _ais, _evaluate, _jacobian, _time, _train
from tfflowgan.portable._kept import OutOfTime
from tfflowgan.portable._program import description

_SUMMARY = (
    "Runs a program of bin/export_program on the first device of JAX. What takes long (training, "
    "jacobian, ais) goes on by the same command if it was stopped."
)
_SAVED = ("minutes", "part_mb", "save_minutes")
_FLAGS = {  # of each kind of program
    "training": ("steps", *_SAVED, "halve_moments", "time"),
    "log_prob": (),
    "sample": ("count", "seed"),
    "jacobian": ("count", "seed", *_SAVED),
    "ais": _SAVED,
}
_RUNS = {
    "training": _train.train,
    "log_prob": _evaluate.log_prob,
    "sample": _evaluate.sample,
    "jacobian": _jacobian.jacobian,
    "ais": _ais.ais,
}


def main(arguments: list[str] | None = None) -> int:
    """Does what the program is for; returns the exit code."""
    given, kind = _parser().parse_args(arguments), ""
    try:
        kind = description(given.program)["kind"]
        asked = _checked(given, kind)
        run = _time.time_steps if asked.pop("time", False) else _RUNS[kind]
        run(given.program, given.output, show=_show, **asked)
    except OutOfTime as end:
        _show(str(end))
    except (UserError, ImportError) as error:
        print(f"tfflowgan.portable: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        way = "; give a smaller --count" if "count" in _FLAGS.get(kind, ()) else ""
        print(f"tfflowgan.portable: memory is full{way}.", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or error
        print(f"tfflowgan.portable: cannot write to {given.output}: {reason}.", file=sys.stderr)
        return 1
    except RuntimeError as error:  # of JAX: memory, the device
        print(f"tfflowgan.portable: {str(error).splitlines()[0][:300]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tfflowgan.portable: interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tfflowgan.portable", description=_SUMMARY)
    add = parser.add_argument
    add("program", type=pathlib.Path, help="folder that bin/export_program wrote")
    add("--output", type=pathlib.Path, required=True, help="folder for the state or the results")
    add("--steps", type=int, help="training: at most so many steps (default: all that are left)")
    add("--minutes", type=float, help="at most so long, without compiling")
    add("--part_mb", type=float, help="megabytes per file that is kept (default: 15)")
    add("--save_minutes", type=float, help="time between two states (default: 5)")
    true = {"action": "store_const", "const": True}
    add("--halve_moments", **true, help="training: keep moments in bfloat16")
    add("--time", **true, help="training: time steps, and keep none")
    add("--count", type=int, help="sample: images (100); jacobian: draws from the prior (64)")
    add("--seed", type=int, help="sample, jacobian: of the draws (default: 0)")
    return parser


def _checked(given, kind) -> dict[str, Any]:
    """The flags that were given, without those that all programs have.

    Raises:
      UserError: one does nothing, or this version does not know the program.
    """
    if kind not in _RUNS:
        raise UserError(f"{given.program} is for {kind}; use the version that exported it.")
    every = {name: value for name, value in vars(given).items() if value is not None}
    asked = {name: value for name, value in every.items() if name not in ("program", "output")}
    for name in asked:
        if name not in _FLAGS[kind]:
            raise UserError(f"--{name} does nothing for {given.program}, which is for {kind}.")
        if given.time and name != "time":
            raise UserError(f"--{name} does nothing with --time.")
    return asked


def _show(line):
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

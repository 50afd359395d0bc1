"""`python -m tfflowgan.portable`: train, evaluate or sample by an exported program."""

import argparse
import pathlib
import sys

from tfflowgan.errors import UserError
from tfflowgan.portable import _evaluate, _time, _train
from tfflowgan.portable._program import description

_SUMMARY = (
    "Runs a program of bin/export_program on the first device of JAX. A training that was stopped "
    "goes on by the same command."
)
_STRETCH = ("steps", "minutes", "part_mb", "save_minutes", "halve_moments")
_SAMPLE = ("count", "seed")


def main(arguments: list[str] | None = None) -> int:
    """Does what the program is for; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        kind = description(given.program)["kind"]
        _check(given, kind)
        if kind == "log_prob":
            _evaluate.log_prob(given.program, given.output, _show)
        elif kind == "sample":
            asked = {name: getattr(given, name) for name in _SAMPLE}
            _evaluate.sample(given.program, given.output, show=_show, **_known(asked))
        elif given.time:
            _time.time_steps(given.program, given.output, show=_show)
        else:
            asked = {name: getattr(given, name) for name in _STRETCH}
            _train.train(given.program, given.output, show=_show, **_known(asked))
    except (UserError, ImportError) as error:
        print(f"tfflowgan.portable: {error}", file=sys.stderr)
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
    add("--minutes", type=float, help="training: at most so long, without compiling")
    add("--part_mb", type=float, help="training: megabytes per file of the state (default: 15)")
    add("--save_minutes", type=float, help="training: time between two states (default: 5)")
    true = {"action": "store_const", "const": True}
    add("--halve_moments", **true, help="training: keep moments in bfloat16")
    add("--time", **true, help="training: time steps, and keep none")
    add("--count", type=int, help="sample: images (default: 100)")
    add("--seed", type=int, help="sample: of the images (default: 0)")
    return parser


def _known(asked):
    return {name: value for name, value in asked.items() if value is not None}


def _check(given, kind):
    """Raises `UserError` for a flag that does nothing."""
    for names, its in (((*_STRETCH, "time"), "training"), (_SAMPLE, "sample")):
        for name in names:
            if getattr(given, name) is not None and kind != its:
                raise UserError(f"--{name} does nothing for {given.program}, which is for {kind}.")
    for name in _STRETCH:
        if given.time and getattr(given, name) is not None:
            raise UserError(f"--{name} does nothing with --time.")


def _show(line):
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tfflowgan.portable`: train by an exported program."""

import argparse
import pathlib
import sys

from tfflowgan.errors import UserError
from tfflowgan.portable._train import train


def main(arguments: list[str] | None = None) -> int:
    """Trains; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tfflowgan.portable",
        description="Trains by a program of bin/export_program on the first device of JAX. "
        "Stopped at any time, the same command goes on.",
    )
    add = parser.add_argument
    add("program", type=pathlib.Path, help="folder that bin/export_program wrote")
    add("--output", type=pathlib.Path, required=True, help="where the state goes")
    add("--steps", type=int, help="at most so many generator steps (default: all that are left)")
    add("--minutes", type=float, help="at most so long, without compiling")
    add("--part_mb", type=float, default=15.0, help="megabytes per file of the state")
    add("--save_minutes", type=float, default=5.0, help="time between two states")
    add("--halve_moments", action="store_true", help="keep optimizers' moments in bfloat16")
    given = parser.parse_args(arguments)
    try:
        train(
            given.program,
            given.output,
            given.steps,
            given.minutes,
            given.part_mb,
            given.halve_moments,
            given.save_minutes,
            lambda line: print(line, flush=True),
        )
    except (UserError, ImportError) as error:
        print(f"tfflowgan.portable: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

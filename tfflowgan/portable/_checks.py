"""What is checked before a program is compiled, which may take minutes."""

import math
import pathlib

from tfflowgan.errors import UserError

__all__ = ["LEAST_PART_MB", "check_draws", "check_limits", "make_output"]

LEAST_PART_MB = 0.001
_MOST_DRAWS = 2**32  # that one seed has


def check_limits(part_mb: float, **limits: float | None) -> None:
    """Checks numbers by the names of their flags.

    Args:
      part_mb: the most megabytes that a file holds.
      **limits: numbers greater than 0, or None for no limit.

    Raises:
      UserError: one is out of range.
    """
    for name, value in limits.items():
        if value is not None and not 0 < value < math.inf:
            raise UserError(f"--{name}={value} must be a finite number greater than 0.")
    if not LEAST_PART_MB <= part_mb < math.inf:
        raise UserError(f"--part_mb={part_mb} must be a number of at least {LEAST_PART_MB}.")


def check_draws(count: int, seed: int) -> None:
    """Checks how many draws of a seed are asked for.

    Raises:
      UserError: a number is out of range.
    """
    if not 1 <= count <= _MOST_DRAWS:
        raise UserError(f"--count={count} must lie in 1..{_MOST_DRAWS}.")
    if not 0 <= seed < 2**31:
        raise UserError(f"--seed={seed} must lie in 0..{2**31 - 1}.")


def make_output(folder: pathlib.Path, output: pathlib.Path) -> None:
    """Makes the folder of the results.

    Args:
      folder: the program.
      output: the folder to be made.

    Raises:
      UserError: it is the program itself, or it cannot be made.
    """
    if output.resolve() == folder.resolve():
        raise UserError(f"--output={output} is the program; give another folder.")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"--output={output} cannot be made: {reason}.") from None

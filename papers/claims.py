"""Claims: statements of a paper, or ours, tested against the numbers of our runs.

Each comparison answers True, False, or None where the runs cannot tell.
"""

import dataclasses
import math
import statistics

__all__ = ["Claim", "above", "all_hold", "rises"]


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement and whether our runs support it.

    Attributes:
      statement: what is claimed.
      holds: whether it holds; None where our runs cannot tell.
      ours: our numbers.
      paper: whether the paper makes the claim; else it is ours, and counted separately.
    """

    statement: str
    holds: bool | None
    ours: str
    paper: bool = True


def above(value: float, error: float | None, other: float, other_error: float | None) -> bool | None:
    """Whether one value is above another.

    Args:
      value: the first.
      error: its standard error, or None if it has none.
      other: the second.
      other_error: its standard error, or None.

    Returns:
      None if they are less than two standard errors apart, or one of them is not a number.
    """
    spread = 2.0 * ((error or 0.0) ** 2 + (other_error or 0.0) ** 2) ** 0.5
    unknown = math.isnan(value) or math.isnan(other) or math.isnan(spread)
    if unknown or abs(value - other) <= spread:
        return None
    return value > other


def all_hold(holds: list[bool | None]) -> bool | None:
    """Whether all of several findings hold.

    Returns:
      False if one does not; else None if one is open or there is none; else True.
    """
    if False in holds:
        return False
    return None if None in holds or not holds else True


def rises(values: list[float]) -> bool | None:
    """Whether a curve of positive values rises over a run.

    Returns:
      True if the median of its last quarter is more than a tenth above that of its first; False if
      it is not above at all; else None, also for a curve that begins at infinity.
    """
    quarter = max(1, len(values) // 4)
    early, late = statistics.median(values[:quarter]), statistics.median(values[-quarter:])
    if math.isinf(early):
        return None
    return True if late > 1.1 * early else False if late <= early else None

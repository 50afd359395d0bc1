"""Claims: statements of a paper, or ours, tested against the numbers of our runs.

Each comparison answers True, False, or None where the runs cannot tell.
"""

import dataclasses
import math
import statistics

from tfflowgan.statistics import Mean

__all__ = ["Claim", "above", "all_hold", "exactly", "rises"]


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement and whether our runs support it.

    Attributes:
      statement: what is claimed.
      holds: whether it holds; None where our runs cannot tell.
      ours: our numbers.
      paper: whether the paper makes the claim; else it is ours, and counted separately.
      same_as: the artefact, such as "danihelka/figure5", where this very finding is counted; None
        where it is counted here.
    """

    statement: str
    holds: bool | None
    ours: str
    paper: bool = True
    same_as: str | None = None


def above(one: Mean, other: Mean, errors: float = 2.0) -> bool | None:
    """Whether one mean is above another.

    Args:
      one: the first.
      other: the second.
      errors: standard errors of the difference by which they must differ.

    Returns:
      None if they are closer than that, or one of them is not known or not a number.
    """
    value, limit = one["value"], other["value"]
    if value is None or limit is None:
        return None
    spread = errors * math.hypot(one["standard_error"] or 0.0, other["standard_error"] or 0.0)
    unknown = math.isnan(value) or math.isnan(limit) or math.isnan(spread)
    if unknown or abs(value - limit) <= spread:
        return None
    return value > limit


def exactly(value: float) -> Mean:
    """A number without an error, to compare a mean with."""
    return {"value": value, "standard_error": None}


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

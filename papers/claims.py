"""Claims: statements of a paper, or ours, tested against the numbers of our runs.

Each comparison answers True, False, or None where the runs cannot tell.
"""

import dataclasses
import math
import statistics

from tfflowgan.statistics import Mean, Quantile

__all__ = ["RULES", "Claim", "above", "all_hold", "beyond", "exactly", "rises", "within"]

# Which rules decide claims. An artefact's file without it has its verdicts by earlier ones.
RULES = 2


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


def beyond(estimate: Mean | Quantile, limit: float = 0.0) -> bool | None:
    """Whether an estimate, such as a difference, is above a limit.

    Args:
      estimate: with its 95 % interval, where it has one; else within two standard errors.
      limit: without an error.

    Returns:
      True if the whole interval is above the limit, False if it is below; None if it has the limit
      inside, or an end is not known.
    """
    low, high = _ends(estimate)
    if low is not None and low > limit:
        return True
    return False if high is not None and high < limit else None


def within(estimate: Mean | Quantile, reach: float) -> bool | None:
    """Whether an estimate, such as a difference, is less than a reach away from 0.

    Returns:
      True if the whole 95 % interval is, False if none of it is; else None.
    """
    low, high = _ends(estimate)
    if low is None or high is None:
        return None
    if -reach < low and high < reach:
        return True
    return False if low > reach or high < -reach else None


def _ends(estimate) -> tuple[float | None, float | None]:
    """The ends of an estimate's interval; None where they are not known."""
    if interval := estimate.get("interval"):
        low, high = interval
    elif estimate["value"] is None or estimate.get("standard_error") is None:
        return None, None
    else:
        reach = 2.0 * estimate["standard_error"]
        low, high = estimate["value"] - reach, estimate["value"] + reach
    return (None if low is None or math.isnan(low) else low), (
        None if high is None or math.isnan(high) else high
    )


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

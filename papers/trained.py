"""Whether an adversary has trained, so that a claim may rest on it.

    it is level      the 95 % interval of  mean of the last fifth of its scores - mean of the fifth
                     before  ends below 5 % of the last fifth's mean
    it is too low    mean of MLE's last fifth - mean of its own last fifth  > 2 standard errors

It has trained if it is level and not too low. That it is level has to be shown: readings that are
few, or that vary much, show nothing. The scores are the readings during training, taken as
independent, at least 4 in a fifth; the interval is Welch's. A claim that rests on an adversary that
has not trained is open. So a claim that an adversary's samples score higher than those of maximum
likelihood holds or is open, and can never be found false: a run that ends below is taken for one
that has not come that far.
"""

import dataclasses
import math

from papers.claims import Claim, above, beyond
from papers.finished_run import FinishedRun
from tfflowgan.report.format import interval, number
from tfflowgan.runs.names import score_name
from tfflowgan.statistics import known_value, mean_difference, mean_with_error

__all__ = ["NOTE", "resting", "untrained"]

_LEAST = 4  # readings in a fifth
_STILL = 0.05  # of the score: a rise between two fifths that counts as none
NOTE = (
    "A claim is open if it rests on an adversary that has not trained: one whose mean score in the "
    "last fifth of its readings is not shown to be level with the fifth before (within "
    f"{100 * _STILL:g} %, by the 95 % interval of the rise), or is below that of MLE. So a claim "
    "that an adversary scores higher than MLE holds or is open, and can never be found false."
)


def untrained(label: str, run: FinishedRun, mle: FinishedRun | None) -> str | None:
    """Why an adversary has not trained.

    Args:
      label: what to call it.
      run: the adversary's run; its other seeds count too.
      mle: maximum likelihood on the same images; None if it is not there to compare with.

    Returns:
      The reasons in words; None if it has trained.
    """
    reasons = [_reason(label, one, mle) for one in (run, *run.seeds)]
    return next((reason for reason in reasons if reason), None)


def resting(claim: Claim, *reasons: str | None) -> Claim:
    """A claim that rests on adversaries: open, with the first reason, if one has not trained."""
    reason = next((reason for reason in reasons if reason), None)
    if reason is None:
        return claim
    return dataclasses.replace(claim, holds=None, ours=f"{claim.ours}; {reason}")


def _reason(label: str, run: FinishedRun, mle: FinishedRun | None) -> str | None:
    own, other = _fifths(run), None if mle is None else _fifths(mle)
    if own is None or (mle is not None and other is None):
        short = "it" if own is None else "MLE"
        return f"whether {label} has trained cannot be told: {short} has too few scores"
    before, last = own
    if not all(map(math.isfinite, before + last)):
        return f"{label} has not trained: not all of its samples are finite"
    mean = mean_with_error(last)
    reasons = [] if _level(before, last) else [_rising(before, last)]
    if other is not None and above(theirs := mean_with_error(other[1]), mean):
        both = f"{number(mean['value'])}, MLE {number(theirs['value'])}"
        reasons.append(f"its score is below that of MLE ({both})")
    return f"{label} has not trained: {' and '.join(reasons)}" if reasons else None


def _level(before: list[float], last: list[float]) -> bool:
    """Whether scores are shown to have stopped rising."""
    tolerance = _STILL * abs(known_value(mean_with_error(last)))
    return beyond(mean_difference(last, before), tolerance) is False


def _rising(before: list[float], last: list[float]) -> str:
    early, late = (number(known_value(mean_with_error(values))) for values in (before, last))
    rise = mean_difference(last, before)
    if beyond(rise) is True:
        return f"its score still rises ({early}, then {late})"
    ends = interval(rise, signed=True)
    return f"its score is not shown to be level ({early}, then {late}; a rise of {ends})"


def _fifths(run: FinishedRun) -> tuple[list[float], list[float]] | None:
    """The scores of the fifth before the last, and of the last; None of too few readings."""
    values = run.curve(score_name(run.data["name"]))[1]
    size = len(values) // 5
    return None if size < _LEAST else (values[-2 * size : -size], values[-size:])

"""Whether an adversary has trained, so that a claim may rest on it.

    it still rises    mean of the last fifth of its scores - mean of the fifth before > 2 SE
    it is too low     mean of MLE's last fifth - mean of its own last fifth           > 2 SE

The scores are the readings during training, and SE is the standard error of the difference, from
the spread of the readings within each fifth. A claim that rests on an adversary of either kind is
open. So a claim that an adversary's samples score higher than those of maximum likelihood holds or
is open, and cannot fall: a run that ends below is taken for one that has not come that far.
"""

import dataclasses
import math

from papers.claims import Claim, above
from papers.finished_run import FinishedRun, claim_mean
from tfflowgan.report.format import number
from tfflowgan.runs.names import score_name
from tfflowgan.statistics import Mean, known_value

__all__ = ["NOTE", "resting", "untrained"]

NOTE = (
    "A claim is open if it rests on an adversary that has not trained: one whose score still rises "
    "in the last fifth of its readings, or is below that of MLE."
)

_LEAST = 2  # readings in a fifth


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
    if not math.isfinite(known_value(before) + known_value(last)):
        return f"{label} has not trained: not all of its samples are finite"
    early, late = number(before["value"]), number(last["value"])
    reasons = [f"its score still rises ({early}, then {late})"] if above(last, before) else []
    if other is not None and above(other[1], last):
        reasons.append(f"its score is below that of MLE ({late}, MLE {number(other[1]['value'])})")
    return f"{label} has not trained: {' and '.join(reasons)}" if reasons else None


def _fifths(run: FinishedRun) -> tuple[Mean, Mean] | None:
    """The mean score of the fifth before the last, and of the last; None of too few readings."""
    values = run.curve(score_name(run.data["name"]))[1]
    size = len(values) // 5
    if size < _LEAST:
        return None
    return claim_mean(values[-2 * size : -size]), claim_mean(values[-size:])

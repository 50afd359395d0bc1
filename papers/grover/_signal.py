"""Whether the adversary's distance follows the NLL: for figure 2 and the claim in words."""

import statistics

from papers import plots
from papers.claims import Claim, rises
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number

__all__ = ["claim", "settles"]

_WELL = 0.5  # smallest correlation that counts as following well
_SETTLED = 0.1  # largest relative change of a distance that has settled


def claim(label: str, result: dict) -> Claim:
    """The claim that the distance does not follow the NLL well.

    Open if the correlation's interval contains the threshold.
    """
    signal = result["signals"]["distance"]
    rank, interval = signal["levels"]["spearman"], signal["levels"]["spearman_interval"]
    holds, text = None, "no correlation"
    if interval is not None:
        low, high = sorted(signal["sign"] * end for end in interval)
        holds = True if high < _WELL else False if low >= _WELL else None
        text = (
            f"Spearman {number(signal['sign'] * rank)} ({number(low)} to {number(high)}) over "
            f"{result['evaluations']} readings"
        )
    return Claim(
        f"{label}: the adversary's distance does not follow the NLL well (correlation over "
        f"{_WELL:g})",
        holds,
        text,
    )


def settles(label: str, run: FinishedRun) -> Claim:
    """The claim that, in the second half of a run, the distance has settled while the NLL rises."""
    distance = run.curve("distance")[1]
    nll = [plots.bits(run, v) for v in run.curve("validation_nll")[1]]
    half, quarter = len(distance) // 2, max(1, len(distance) // 4)
    before, last = (
        statistics.median(distance[half : half + quarter]),
        statistics.median(distance[-quarter:]),
    )
    settled, rising = abs(last - before) <= _SETTLED * abs(last), rises(nll[half:])
    early, late = statistics.median(nll[half : half + quarter]), statistics.median(nll[-quarter:])
    text = (
        f"distance {number(before)}, then {number(last)}; NLL {early:.4g}, then {late:.4g} "
        "bits/dim (medians of its quarters)"
    )
    holds = rising if settled else False
    return Claim(
        f"{label}: in the second half the distance has settled and the NLL continues to rise",
        holds,
        text,
    )

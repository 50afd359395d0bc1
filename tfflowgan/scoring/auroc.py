"""How well a score tells unusual images from usual ones: ROC and PR curves, their areas, intervals.

    AUROC    P(score of an unusual image > that of a usual one) + P(equal) / 2
    AP       sum_k (R_k - R_{k-1}) P_k over thresholds, with recall R and precision P

The AUROC's variance is DeLong et al.'s (1988), by mid-ranks (Sun & Xu, 2014), which assumes no
distribution; its interval is symmetric in log(A / (1 - A)), so that it stays within [0, 1]. Where
all or nearly all pairs are in order that variance is too small, and 0 in the end. So the interval
is widened to Newcombe's (2006, method 5), whose variance is Hanley & McNeil's (1982) at its ends.

AP depends on the share of unusual images. Its interval is that of 1,000 bootstrap samples in which
both counts are kept; there is none where every unusual image scores above every usual one.
"""

import dataclasses
from typing import Any, TypedDict

import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats

__all__ = ["Area", "Curves", "auroc", "auroc_with_interval", "average_precision", "curves"]
__all__ += ["average_precision_with_interval"]

_Z = scipy.stats.norm.ppf(0.975)
_RESAMPLES = 1000


class Area(TypedDict):
    """An area with the ends of its 95 % interval; None where the bootstrap cannot tell."""

    value: float
    interval: list[float] | None


@dataclasses.dataclass(frozen=True)
class Curves:
    """Points of the ROC and PR curves, from the highest threshold down, `[T]` each.

    Attributes:
      thresholds: the distinct scores.
      false_positives: share of usual images at or above the threshold.
      true_positives: share of unusual images at or above it, the recall.
      precision: share of unusual images among all at or above it.
    """

    thresholds: np.ndarray
    false_positives: np.ndarray
    true_positives: np.ndarray
    precision: np.ndarray


def auroc(unusual: np.ndarray, usual: np.ndarray) -> float:
    """The chance that an unusual image's score is greater than a usual one's; ties count half.

    Args:
      unusual: scores `[m]`.
      usual: scores `[n]`.
    """
    return float(scipy.stats.mannwhitneyu(unusual, usual).statistic / (len(unusual) * len(usual)))


def auroc_with_interval(unusual: np.ndarray, usual: np.ndarray) -> Area:
    """`auroc` with a 95 % interval; the images must be independent.

    Args:
      unusual: scores `[m]`.
      usual: scores `[n]`.
    """
    area = auroc(unusual, usual)
    low, high = _newcombe(area, len(unusual), len(usual))
    if 0.0 < area < 1.0 and min(len(unusual), len(usual)) > 1:
        error = _delong(unusual, usual) / (area * (1.0 - area))
        middle = scipy.special.logit(area)
        low = min(low, float(scipy.special.expit(middle - _Z * error)))
        high = max(high, float(scipy.special.expit(middle + _Z * error)))
    return {"value": area, "interval": [low, high]}


def _delong(unusual, usual):
    """The standard error, from the placements of each score among those of the other kind."""
    ranks = scipy.stats.rankdata(np.concatenate([unusual, usual]))
    above = (ranks[: len(unusual)] - scipy.stats.rankdata(unusual)) / len(usual)
    below = (ranks[len(unusual) :] - scipy.stats.rankdata(usual)) / len(unusual)
    return np.sqrt(above.var(ddof=1) / len(unusual) + below.var(ddof=1) / len(usual))


def _newcombe(area, m, n):
    """The areas whose own variance puts the observed one just 1.96 errors away."""
    if area < 0.5:
        low, high = _newcombe(1.0 - area, n, m)
        return 1.0 - high, 1.0 - low
    size = (m + n) / 2.0 - 1.0

    def excess(true):  # over 1 - true, which is a factor of it if the area is 1
        variance = true * (1.0 + size * (1.0 - true) / (2.0 - true) + size * true / (1.0 + true))
        distance = 1.0 - true if area == 1.0 else (area - true) ** 2 / max(1.0 - true, 1e-300)
        return distance - _Z**2 * variance / (m * n)

    def root(start, end) -> float:
        found: Any = scipy.optimize.brentq(excess, start, end)
        return float(found)

    return root(0.0, area), 1.0 if area == 1.0 else root(area, 1.0)


def curves(unusual: np.ndarray, usual: np.ndarray) -> Curves:
    """The points of both curves.

    Args:
      unusual: scores `[m]`.
      usual: scores `[n]`.
    """
    scores, labels, ends = _ordered(unusual, usual)
    true, false = np.cumsum(labels)[ends], np.cumsum(~labels)[ends]
    shares = false / len(usual), true / len(unusual)
    return Curves(scores[ends], *shares, precision=true / (true + false))


def average_precision(unusual: np.ndarray, usual: np.ndarray) -> float:
    """The average precision at the given share of unusual images.

    Args:
      unusual: scores `[m]`.
      usual: scores `[n]`.
    """
    _, labels, ends = _ordered(unusual, usual)
    return _average_precision(labels, ends, np.ones(len(labels)))


def average_precision_with_interval(unusual: np.ndarray, usual: np.ndarray, seed: int = 0) -> Area:
    """`average_precision` with a 95 % interval, by the bootstrap.

    Args:
      unusual: scores `[m]`.
      usual: scores `[n]`.
      seed: of the samples.
    """
    value = average_precision(unusual, usual)
    if min(unusual) > max(usual):
        return {"value": value, "interval": None}  # so it is in every bootstrap sample
    _, labels, ends = _ordered(unusual, usual)
    random, found = np.random.default_rng(seed), []
    for _ in range(_RESAMPLES):
        counts = np.zeros(len(labels))
        for kind in (labels, ~labels):
            size = int(kind.sum())
            counts[kind] = np.bincount(random.integers(size, size=size), minlength=size)
        found.append(_average_precision(labels, ends, counts))
    low, high = np.quantile(found, [0.025, 0.975])
    return {"value": value, "interval": [float(low), float(high)]}


def _ordered(unusual, usual):
    """Scores from the highest down, which are unusual, and the last index of each distinct one."""
    scores = np.concatenate([unusual, usual])
    order = np.argsort(-scores, kind="stable")
    scores, labels = scores[order], order < len(unusual)
    return scores, labels, np.flatnonzero(np.append(np.diff(scores) != 0, True))


def _average_precision(labels, ends, counts):
    """AP of scores in order, each of which counts as often as it is said to."""
    true = np.cumsum(counts * labels)[ends]
    found = np.cumsum(counts)[ends]
    precision = true / np.maximum(found, 1.0)
    return float(np.sum(np.diff(true, prepend=0.0) * precision) / true[-1])

"""The Inception and the MODE score of class probabilities.

    Inception score    exp(E_x KL(p(y|x) || p(y)))                              1 to K        (Salimans et al., 2016)
    MODE score         exp(E_x KL(p(y|x) || p*(y)) - KL(p*(y) || p(y)))         0 to 1/min p* (Che et al., 2017)

x are images, p(y) is the mean of p(y|x) over them, p*(y) the distribution of the training labels. The published way cuts the
images into splits in their order, scores each by itself, and gives the mean; its error bar is the standard deviation over
the splits, ours the standard error of their mean. Both scores grow with the images in a split, because p(y) is their own mean:
perfect probabilities of balanced but random labels give K only in the limit.

A class that no image is given any probability of makes KL(p* || p) infinite and the MODE score 0.
"""

import itertools
import math

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.statistics import Mean, mean_with_error

__all__ = ["check_probabilities", "inception_score", "mode_score"]


def inception_score(probabilities: np.ndarray, splits: int = 10) -> Mean:
    """The Inception score.

    Args:
      probabilities: p(y|x), `[N, K]`.
      splits: how many parts are scored by themselves.

    Returns:
      Its mean over the splits, with a standard error unless there is a single split.

    Raises:
      UserError: fewer images than splits, or values that are no probabilities.
    """
    return _over_splits(probabilities, splits, lambda p: math.exp(_kl(p, p.mean(axis=0)).mean()))


def mode_score(
    probabilities: np.ndarray, label_distribution: np.ndarray, splits: int = 10
) -> Mean:
    """The MODE score.

    Args:
      probabilities: p(y|x), `[N, K]`.
      label_distribution: p*(y), `[K]`.
      splits: as in `inception_score`.

    Returns:
      As `inception_score`.

    Raises:
      UserError: as in `inception_score`; or classes that do not match the labels.
    """
    prior = np.asarray(label_distribution, np.float64)
    if np.ndim(probabilities) == 2 and prior.shape != np.shape(probabilities)[1:]:
        raise UserError(f"the classifier has {np.shape(probabilities)[1]} classes where the labels have {len(prior)}.")
    if not (prior > 0).all():
        raise UserError(f"no training image has label {int(np.argmin(prior))}, and the MODE score needs every class.")
    return _over_splits(probabilities, splits, lambda p: math.exp(_kl(p, prior).mean() - _kl(prior, p.mean(axis=0))))


def check_probabilities(probabilities: np.ndarray, source: str) -> None:
    """Raises `UserError`, naming their source, unless all rows of `[N, K]` are probabilities."""
    p = probabilities
    if p.ndim != 2 or not (p >= 0).all() or not np.allclose(p.sum(axis=1), 1.0, atol=1e-3):
        raise UserError(f"{source} does not give class probabilities: rows of shape [K], not negative, that add up to 1.")


def _over_splits(probabilities, splits, score):
    p = np.asarray(probabilities, np.float64)
    check_probabilities(p, "the classifier")
    if not 1 <= splits <= len(p):
        raise UserError(f"--score_splits={splits} must lie in 1..{len(p)}, the number of images to score.")
    edges = [i * len(p) // splits for i in range(splits + 1)]
    return mean_with_error(np.array([score(p[i:j]) for i, j in itertools.pairwise(edges)]))


def _kl(p, q):
    """KL(p || q) over the last axis, with 0 log 0 = 0; infinite where q alone is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0).sum(axis=-1)

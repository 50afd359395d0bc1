"""The Inception score and the MODE score of class probabilities.

    Inception score    exp(E_x KL(p(y|x) || p(y)))                           1 to K
                       (Salimans et al., 2016)
    MODE score         exp(E_x KL(p(y|x) || p*(y)) - KL(p*(y) || p(y)))      0 to 1/min p*
                       (Che et al., 2017)

x are images, p(y) is the mean of p(y|x) over these images, and p*(y) is the distribution of the
training labels. As in the literature, the images are split in their order, each split is scored
separately, and the result is the mean over the splits. The published error bar is the standard
deviation over the splits; ours is the standard error of the mean. Both scores increase with the
number of images per split, because p(y) is estimated from the same images: perfect probabilities of
balanced but random labels score K only in the limit.

If all images have zero probability for some class, KL(p* || p) is infinite and the MODE score is 0.
"""

import itertools
import math

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.statistics import Mean, mean_with_error

__all__ = ["check_probabilities", "inception_score", "mode_score"]


def inception_score(probabilities: np.ndarray, splits: int = 10) -> Mean:
    """Computes the Inception score.

    Args:
      probabilities: p(y|x), `[N, K]`.
      splits: number of splits.

    Returns:
      The mean over the splits, with a standard error unless there is a single split.

    Raises:
      UserError: there are fewer images than splits, or rows are not probabilities.
    """
    return _over_splits(probabilities, splits, lambda p: math.exp(_kl(p, p.mean(axis=0)).mean()))


def mode_score(probabilities: np.ndarray, label_distribution: np.ndarray, splits: int = 10) -> Mean:
    """Computes the MODE score.

    Args:
      probabilities: p(y|x), `[N, K]`.
      label_distribution: p*(y), `[K]`.
      splits: number of splits.

    Returns:
      The mean over the splits and its standard error, which is None for a single split.

    Raises:
      UserError: as in `inception_score`, or the numbers of classes differ, or a class has no
        training images.
    """
    prior = np.asarray(label_distribution, np.float64)
    if np.ndim(probabilities) == 2 and prior.shape != np.shape(probabilities)[1:]:
        raise UserError(
            f"the classifier has {np.shape(probabilities)[1]} classes but the labels have "
            f"{len(prior)}; use a classifier of these labels."
        )
    if not (prior > 0).all():
        raise UserError(
            f"no training image has label {int(np.argmin(prior))}, but the MODE score needs "
            "training images of every class."
        )

    def score(p):
        return math.exp(_kl(p, prior).mean() - _kl(prior, p.mean(axis=0)))

    return _over_splits(probabilities, splits, score)


def check_probabilities(probabilities: np.ndarray, source: str) -> None:
    """Raises `UserError` unless each row of `probabilities` `[N, K]` is a distribution.

    Args:
      probabilities: `[N, K]`.
      source: where the probabilities come from, for the message.
    """
    p = probabilities
    if p.ndim != 2 or not (p >= 0).all() or not np.allclose(p.sum(axis=1), 1.0, atol=1e-3):
        raise UserError(
            f"{source} does not give class probabilities: every row [K] must be nonnegative and "
            "sum to 1."
        )


def _over_splits(probabilities, splits, score):
    p = np.asarray(probabilities, np.float64)
    check_probabilities(p, "the classifier")
    if not 1 <= splits <= len(p):
        raise UserError(
            f"--score_splits={splits} must lie in 1..{len(p)}: there are {len(p)} images to score."
        )
    edges = [i * len(p) // splits for i in range(splits + 1)]
    return mean_with_error(np.array([score(p[i:j]) for i, j in itertools.pairwise(edges)]))


def _kl(p, q):
    """Returns KL(p || q) over the last axis, with 0 log 0 = 0; infinite if q = 0 and p > 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0).sum(axis=-1)

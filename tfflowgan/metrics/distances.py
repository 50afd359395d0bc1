"""Distances between two sets of images in feature space: Frechet (FID) and kernel (KID).

    FID = |m_a - m_b|^2 + tr S_a + tr S_b - 2 tr (S_a S_b)^(1/2)
          means m, covariances S                                  (Heusel et al., 2017)
    KID = mean_{i != j} k(a_i, a_j) + mean_{i != j} k(b_i, b_j) - 2 mean_{i, j} k(a_i, b_j)
          k(a, b) = (a . b / F + 1)^3, F features                 (Binkowski et al., 2018)

With S_a = R_a' R_a from a QR decomposition of the centred features, tr (S_a S_b)^(1/2) is the sum
of the singular values of R_a R_b'. No inverse or square root of a matrix is needed, so covariances
may be singular. FID decreases with the number of images, so only values for equal numbers of images
are comparable; with F images or fewer, the covariances are rank-deficient as well. KID is unbiased
for any number of images and may be negative.
"""

import math
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.statistics import Mean, mean_with_error

__all__ = ["distance_note", "frechet_distance", "kernel_distance"]


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Computes the FID between two sets of features.

    Args:
      a: `[N, F]`.
      b: `[M, F]`.

    Raises:
      UserError: a set has fewer than two images, the shapes do not match, or a feature is not
        finite.
    """
    a, b = _checked(a, b)
    (mean_a, root_a), (mean_b, root_b) = _moments(a), _moments(b)
    cross = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    means = np.square(mean_a - mean_b).sum()
    traces = np.square(root_a).sum() + np.square(root_b).sum()
    return float(max(0.0, means + traces - 2.0 * cross))


def kernel_distance(
    a: np.ndarray, b: np.ndarray, subsets: int, subset_size: int, seed: int
) -> Mean:
    """Computes the KID between two sets of features.

    The published method draws overlapping subsets, so their scatter underestimates the error. Here
    the subsets are disjoint.

    Args:
      a: `[N, F]`.
      b: `[M, F]`.
      subsets: number of subsets of each set.
      subset_size: images per subset, at least 2; subsets * subset_size must not exceed N or M.
      seed: seed of the random choice of subsets.

    Returns:
      The mean over the subsets, with a standard error unless there is a single subset.

    Raises:
      UserError: there are too few images, the shapes do not match, or a feature is not finite.
    """
    a, b = _checked(a, b)
    if subsets < 1 or subset_size < 2 or subsets * subset_size > min(len(a), len(b)):
        raise UserError(
            f"KID needs disjoint subsets of at least 2 images, but {subsets} x {subset_size} "
            f"images cannot be taken from {min(len(a), len(b))}; score more images or lower "
            "--score_splits."
        )
    generator = np.random.Generator(np.random.PCG64(seed))
    used = subsets * subset_size
    parts = [generator.permutation(len(x))[:used].reshape(subsets, subset_size) for x in (a, b)]
    return mean_with_error(np.array([_mmd(a[i], b[j]) for i, j in zip(*parts, strict=True)]))


def _mmd(a, b):
    kernels = (_kernel(a, a), _kernel(b, b))
    within = sum((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in kernels)
    return within - 2.0 * _kernel(a, b).mean()


def _kernel(a, b):
    return (a @ b.T / a.shape[1] + 1.0) ** 3


def _moments(features):
    mean = features.mean(axis=0)
    centred = (features - mean) / math.sqrt(len(features) - 1)
    root: Any = np.linalg.qr(centred, mode="r")  # R alone, which NumPy's types do not say
    return mean, root


def _checked(a, b):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise UserError(
            f"features of shapes {a.shape} and {b.shape} cannot be compared; the shapes must be "
            "[N, F] and [M, F]."
        )
    count = min(len(a), len(b))
    if count < 2:
        raise UserError(f"FID and KID need at least 2 images in each set, but one set has {count}.")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise UserError(
            "FID and KID need finite features, but some are not finite; use another --classifier."
        )
    return a, b


def distance_note(features: int | None, count: int) -> str | None:
    """Returns a caveat about FID and KID for a number of features and images, or None.

    Args:
      features: F; None if the classifier has no output "features".
      count: number of images per set.
    """
    if features is None:
        return 'FID and KID need an output "features", which the classifier does not have.'
    if count <= features:
        return (
            f"The covariance of {features} features is rank-deficient with {count} images: FID is "
            "far too high; KID is not affected."
        )
    return None

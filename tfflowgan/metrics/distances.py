"""Distances of two sets of images by the features of a classifier: Frechet (FID) and kernel (KID).

    FID = |m_a - m_b|^2 + tr S_a + tr S_b - 2 tr (S_a S_b)^(1/2)               means and covariances  (Heusel et al., 2017)
    KID = mean_{i != j} k(a_i, a_j) + mean_{i != j} k(b_i, b_j) - 2 mean_{i, j} k(a_i, b_j)
    k(a, b) = (a . b / F + 1)^3                                                F features             (Binkowski et al., 2018)

With S_a = R_a' R_a from a QR decomposition of the centred features, tr (S_a S_b)^(1/2) is the sum of the singular values of
R_a R_b': no matrix is inverted or rooted, so covariances may be singular. FID falls with the number of images, so values
compare only at one count; up to F images the covariances lack rank besides. KID is unbiased at any count, and may be negative.
"""

import math

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.statistics import Mean, mean_with_error

__all__ = ["distance_note", "frechet_distance", "kernel_distance"]


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """FID of two sets of features.

    Args:
      a: `[N, F]`.
      b: `[M, F]`.

    Raises:
      UserError: fewer than two images, or features that do not match or are not finite.
    """
    a, b = _checked(a, b)
    (mean_a, root_a), (mean_b, root_b) = _moments(a), _moments(b)
    cross = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    return float(max(0.0, np.square(mean_a - mean_b).sum() + np.square(root_a).sum() + np.square(root_b).sum() - 2.0 * cross))


def kernel_distance(
    a: np.ndarray, b: np.ndarray, subsets: int, subset_size: int, seed: int
) -> Mean:
    """KID of two sets of features.

    The published way draws subsets that overlap, whose scatter understates the error; here no image is in two of them.

    Args:
      a: `[N, F]`.
      b: `[M, F]`.
      subsets: how many are drawn from each.
      subset_size: images in each; at least 2, and subsets * subset_size at most N and M.
      seed: of the choice.

    Returns:
      Its mean over the subsets, with a standard error unless there is a single subset.

    Raises:
      UserError: too few images, or features that do not match or are not finite.
    """
    a, b = _checked(a, b)
    if subsets < 1 or subset_size < 2 or subsets * subset_size > min(len(a), len(b)):
        raise UserError(
            f"the kernel distance needs subsets of at least 2 images, and {subsets} x {subset_size} do not come out of "
            f"{min(len(a), len(b))}; score more images or give fewer --score_splits."
        )
    generator = np.random.Generator(np.random.PCG64(seed))
    parts = [generator.permutation(len(x))[: subsets * subset_size].reshape(subsets, subset_size) for x in (a, b)]
    return mean_with_error(np.array([_mmd(a[i], b[j]) for i, j in zip(*parts, strict=True)]))


def _mmd(a, b):
    within = sum((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (_kernel(a, a), _kernel(b, b)))
    return within - 2.0 * _kernel(a, b).mean()


def _kernel(a, b):
    return (a @ b.T / a.shape[1] + 1.0) ** 3


def _moments(features):
    mean = features.mean(axis=0)
    return mean, np.linalg.qr((features - mean) / math.sqrt(len(features) - 1), mode="r")


def _checked(a, b):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise UserError(f"features of shapes {a.shape} and {b.shape} cannot be compared; both must be [N, F].")
    if min(len(a), len(b)) < 2:
        raise UserError(f"a distance of features needs at least 2 images of each kind, and there are {min(len(a), len(b))}.")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise UserError("a distance of features needs finite features, and some are not; score another classifier.")
    return a, b


def distance_note(features: int | None, count: int) -> str | None:
    """What must be said of FID and KID by so many features (None if the classifier gives none) of so many images, or None."""
    if features is None:
        return 'The classifier has no output "features", which FID and KID are measured by.'
    if count <= features:
        return (
            f"{count} images give covariances of {features} features no full rank: FID is then far too high, KID is not affected."
        )
    return None

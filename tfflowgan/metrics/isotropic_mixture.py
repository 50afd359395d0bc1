"""A mixture of N equally weighted isotropic Gaussians with a common bandwidth.

Over training images it is the GMM baseline; over samples of a model it is a kernel density
estimate.

    p(x) = (1/N) sum_n N(x; c_n, sigma^2 I)
    log p(x) = -m / (2 sigma^2) + log sum_n exp(-(d_n - m) / (2 sigma^2))
               - log N - (D/2) log(2 pi sigma^2)
    d_n = |x - c_n|^2 = |x|^2 - 2 x . c_n + |c_n|^2,      m = min_n d_n

(Parzen, 1962; Grover et al., 2018, section 3.4 and table 3.) The distances take a single matrix
product for any number of bandwidths. Subtracting m makes the largest term 1, so the sum cannot
underflow.

All computation is in float64 with the mean of the centres subtracted, because the expansion of d_n
cancels leading digits of |x|^2. Relative error of log p against scikit-learn, measured on MNIST
with 5,000 centres and sigma 0.005 to 1: 7e-13 in float64; up to 2e-4 in float32, which is 1 nat at
sigma 0.005 and 0.002 nats at 0.1. The product takes twice as long in float64 as in float32, and the
exponentials of 16 bandwidths take as long again, so float32 would save a quarter of the time.
"""

import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["IsotropicMixture"]

_CENTRES = 5000  # per block: 123 MB in float64 for 32x32x3
_POINTS = 1000  # per block: 40 MB of distances


class IsotropicMixture:
    """A mixture of isotropic Gaussians of equal bandwidth.

    Attributes:
      count: N, the number of centres.
      dims: D, the number of values per centre.
    """

    def __init__(self, centres: np.ndarray, block: int = _CENTRES):
        """Creates the mixture.

        Args:
          centres: floating-point, `[N, ...]`, flattened to `[N, D]`. They keep their dtype: 50,000
            float32 images of 32x32x3 take 614 MB.
          block: centres per block; limits memory without affecting results.

        Raises:
          UserError: there are no centres, or one is not finite.
        """
        self._shape = centres.shape[1:]
        self.count, self.dims = len(centres), math.prod(self._shape)
        self._centres = np.reshape(centres, (self.count, self.dims))
        if not self.count:
            raise UserError("a mixture needs at least one centre.")
        blocks = _blocks(self._centres, block)
        bad = sum(int(np.sum(~np.isfinite(rows).all(axis=1))) for rows in blocks)
        if bad:
            raise UserError(
                f"{bad} of {self.count} centres of a mixture are not finite; all must be finite."
            )
        self._mean, self._block = self._centres.mean(axis=0, dtype=np.float64), block

    def log_prob(
        self, points: np.ndarray, bandwidths: float | Sequence[float] | np.ndarray
    ) -> np.ndarray:
        """Computes log-densities for one or several bandwidths in one pass over the distances.

        Args:
          points: floating-point, `[B, ...]`, flattened to `[B, D]`.
          bandwidths: sigma, one positive number or K of them.

        Returns:
          Nats per point, float64; `[B]` for one number and `[K, B]` for K of them.

        Raises:
          ValueError: a bandwidth is not positive.
        """
        sigmas = np.atleast_1d(np.asarray(bandwidths, np.float64))
        if not (sigmas > 0).all():
            raise ValueError(f"bandwidths={sigmas.tolist()} must all be greater than 0.")
        points = np.reshape(points, (len(points), self.dims))
        parts = [self._log_sum(rows, 0.5 / sigmas**2) for rows in _blocks(points, _POINTS)]
        constant = math.log(self.count) + 0.5 * self.dims * np.log(2 * math.pi * sigmas**2)
        values = np.concatenate(parts, axis=1) - constant[:, None]
        return values if np.ndim(bandwidths) else values[0]

    def sample(self, n: int, bandwidth: float, seed: int) -> np.ndarray:
        """Draws n points.

        Args:
          n: number of points; the first points are the same for every n.
          bandwidth: sigma; for the same seed it scales the same noise around the same centres.
          seed: a nonnegative number.

        Returns:
          float64, `[n, ...]` with the shape of the centres.
        """
        which, noise = (np.random.default_rng([seed, stream]) for stream in range(2))
        chosen = self._centres[which.integers(self.count, size=n)].astype(np.float64)
        return (chosen + bandwidth * noise.standard_normal(chosen.shape)).reshape(n, *self._shape)

    def _log_sum(self, points, scales):
        """Returns `log sum_n exp(-d_n s)` for each scale s = 1 / (2 sigma^2), `[K, B]`."""
        nearest, sums = np.full(len(points), np.inf), np.zeros([len(scales), len(points)])
        points = tf.constant(points.astype(np.float64) - self._mean)
        for rows in _blocks(self._centres, self._block):
            centres = tf.constant(rows.astype(np.float64) - self._mean)
            near, part = (tensor.numpy() for tensor in _sums(points, centres, scales))
            both = np.minimum(nearest, near)
            sums = sums * np.exp(np.outer(scales, both - nearest))
            sums = sums + part * np.exp(np.outer(scales, both - near))
            nearest = both
        return np.log(sums) - np.outer(scales, nearest)


@tf.function(
    input_signature=[
        tf.TensorSpec([None, None], tf.float64),
        tf.TensorSpec([None, None], tf.float64),
        tf.TensorSpec([None], tf.float64),
    ],
    autograph=False,
)
def _sums(points, centres, scales):
    """Returns the smallest squared distance m, `[B]`, and `sum_n exp(-(d_n - m) s)`, `[K, B]`."""
    squares = tf.reduce_sum(points**2, axis=1)[:, None] + tf.reduce_sum(centres**2, axis=1)
    distances = tf.maximum(squares - 2 * tf.matmul(points, centres, transpose_b=True), 0)
    nearest = tf.reduce_min(distances, axis=1)
    excess = nearest[:, None] - distances

    def sum_at(scale):
        return tf.reduce_sum(tf.exp(excess * scale), axis=1)

    # One bandwidth after another: all K at once would take K times the memory.
    return nearest, tf.map_fn(sum_at, scales, parallel_iterations=1)


def _blocks(rows, size):
    return (rows[start : start + size] for start in range(0, len(rows), size))

"""Logit preprocessing: the inverse maps the unit cube to unbounded space.

With a = alpha and y = x (1 - 2a) + a:

    inverse:  z = log y - log(1 - y)
              log |det dz/dx| = sum [-log y - log(1 - y) + log(1 - 2a)]
    forward:  x = (sigmoid(z) - a) / (1 - 2a)
              log |det dx/dz| = sum [log sigmoid(z) + log sigmoid(-z) - log(1 - 2a)]

(Dinh et al., 2017, section 4.1, with alpha = 0.05; Flow-GAN uses 1e-7.) The support of the
resulting density is the unit cube plus a margin of a / (1 - 2a) on every side.

Both ends are numerically stable. 1 - y is computed as (1 - x)(1 - 2a) + a, which stays accurate for
x close to 1. The forward map clips to the outermost floating-point numbers inside the support, so
the inverse of every sample is finite. Outside the support the inverse is NaN.
"""

import math

import numpy as np
import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Logit"]


class Logit(OnePassBijector):
    """Maps real values `[..., H, W, C]` to images in [0, 1] of the same shape."""

    def __init__(self, alpha: float, dtype: tf.DType | str = tf.float32, name: str = "logit"):
        """Creates the bijector.

        Args:
          alpha: in (0, 0.5); [0, 1] is shrunk to [alpha, 1 - alpha], where the logit is finite.
          dtype: floating-point type of inputs and outputs.
          name: name scope.

        Raises:
          ValueError: `alpha` is outside (0, 0.5).
        """
        if not 0.0 < alpha < 0.5:
            raise ValueError(f"logit_alpha={alpha} must be greater than 0 and less than 0.5.")
        self._alpha = alpha
        self._low, self._high = support(alpha, tf.as_dtype(dtype).as_numpy_dtype)
        super().__init__(dtype, forward_ndims=3, name=name)

    def _forward_and_log_det(self, latents):
        images = (tf.sigmoid(latents) - self._alpha) / (1.0 - 2.0 * self._alpha)
        terms = (
            -tf.math.softplus(-latents) - tf.math.softplus(latents) - math.log1p(-2.0 * self._alpha)
        )
        return tf.clip_by_value(images, self._low, self._high), tf.reduce_sum(
            terms, axis=[-3, -2, -1]
        )

    def _inverse_and_log_det(self, images):
        log_y, log_not_y = self._logs(images)
        terms = -log_y - log_not_y + math.log1p(-2.0 * self._alpha)
        return log_y - log_not_y, tf.reduce_sum(terms, axis=[-3, -2, -1])

    def log_derivatives(self, images: tf.Tensor) -> tf.Tensor:
        """The terms of log |det dz/dx| value by value, in the shape of the images."""
        log_y, log_not_y = self._logs(images)
        return -log_y - log_not_y + math.log1p(-2.0 * self._alpha)

    def _logs(self, images):
        """Log y and log(1 - y)."""
        log_y = tf.math.log(images * (1.0 - 2.0 * self._alpha) + self._alpha)
        log_not_y = tf.math.log((1.0 - images) * (1.0 - 2.0 * self._alpha) + self._alpha)
        return log_y, log_not_y


def support(alpha: float, dtype: type[np.floating]) -> tuple[np.floating, np.floating]:
    """Returns the smallest and largest number of a dtype whose inverse under `Logit` is finite.

    Args:
      alpha: as in `Logit`.
      dtype: a NumPy floating-point type.

    Returns:
      (low, high), both of type `dtype`.
    """
    one, a = dtype(1.0), dtype(alpha)
    stretch = dtype(1.0 - 2.0 * alpha)
    low, high = dtype(-alpha / (1.0 - 2.0 * alpha)), dtype((1.0 - alpha) / (1.0 - 2.0 * alpha))
    while low * stretch + a <= 0:
        low = np.nextafter(low, one)
    while (one - high) * stretch + a <= 0:
        high = np.nextafter(high, -one)
    return low, high

"""Shift and scale of each value by a function of the values before it in the latents.

    forward:  x_i = z_i exp(s_i) + t_i,  (t_i, s_i) = network(z_1, ..., z_{i-1})      log |det dx/dz| =  sum s
    inverse:  one value after the other                                               log |det dz/dx| = -sum s

Inverse autoregressive flow (Kingma et al., 2016, Eq. 10-12): forward is one pass. As z_1, ..., z_{i-1} and x_1, ..., x_{i-1} tell
the same, x_i given those before it is z_i's distribution, scaled and shifted.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Autoregressive"]


class Autoregressive(OnePassBijector):
    """Autoregressive affine map of vectors `[..., D]`."""

    def __init__(
        self,
        network: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
        dims: int,
        dtype=tf.float32,
        name: str = "autoregressive",
    ):
        """Makes the bijector.

        Args:
          network: maps z to (t, s), each of z's shape, the i-th values functions of those before the i-th alone.
          dims: D, for the inverse.
          dtype: of both sides.
          name: name scope.
        """
        self._network, self._dims = network, dims
        super().__init__(dtype, forward_ndims=1, name=name)

    def _forward_and_log_det(self, latents):
        shift, self.log_scale = self._network(latents)
        return latents * tf.exp(self.log_scale) + shift, tf.reduce_sum(self.log_scale, axis=-1)

    def _inverse_and_log_det(self, images):
        def improve(latents, _):  # the i-th pass makes the i-th value right, and its scale before it
            shift, log_scale = self._network(latents)
            return (images - shift) * tf.exp(-log_scale), log_scale

        zeros = tf.zeros_like(images)
        latents, log_scale = tf.while_loop(lambda *_: True, improve, (zeros, zeros), maximum_iterations=self._dims)
        return latents, -tf.reduce_sum(log_scale, axis=-1)

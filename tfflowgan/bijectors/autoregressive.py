"""Autoregressive affine map: the shift and scale of each value depend on the latents before it.

    forward:  x_i = z_i exp(s_i) + t_i,  (t_i, s_i) = network(z_1, ..., z_{i-1})
              log |det dx/dz| =  sum s
    inverse:  one value after another
              log |det dz/dx| = -sum s

This is the inverse autoregressive flow (Kingma et al., 2016, Eq. 10-12), whose forward map takes a
single pass. x_1, ..., x_{i-1} determine z_1, ..., z_{i-1} and vice versa, so the conditional
distribution of x_i is the distribution of z_i, scaled and shifted.
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
        dtype: tf.DType | str = tf.float32,
        name: str = "autoregressive",
    ):
        """Creates the bijector.

        Args:
          network: maps z `[B, D]` to (t, s), each with the shape of z; t_i and s_i depend only on
            z_1, ..., z_{i-1}.
          dims: D, the number of passes that the inverse takes.
          dtype: floating-point type of inputs and outputs.
          name: name scope.
        """
        self._network, self._dims = network, dims
        super().__init__(dtype, forward_ndims=1, name=name, one_batch_axis=True)

    def _forward_and_log_det(self, latents):
        shift, self.log_scale = self._network(latents)
        return latents * tf.exp(self.log_scale) + shift, tf.reduce_sum(self.log_scale, axis=-1)

    def _inverse_and_log_det(self, images):
        def improve(latents, _):  # pass i yields the correct scale s_i, and with it the value z_i
            shift, log_scale = self._network(latents)
            return (images - shift) * tf.exp(-log_scale), log_scale

        zeros = tf.zeros_like(images)
        latents, log_scale = tf.while_loop(
            lambda *_: True, improve, (zeros, zeros), maximum_iterations=self._dims
        )
        return latents, -tf.reduce_sum(log_scale, axis=-1)

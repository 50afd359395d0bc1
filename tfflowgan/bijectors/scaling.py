"""Diagonal scaling.

    forward:  x = z exp(-s)          log |det dx/dz| = -sum s
    inverse:  z = x exp(s)           log |det dz/dx| =  sum s

This is the last layer of NICE (Dinh et al., 2015, section 3.3). The inverse multiplies each
dimension by a factor of its own, which is large in the directions in which the data vary little.
"""

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Scaling"]


class Scaling(OnePassBijector):
    """Multiplies vectors `[..., D]` by exp(-log_scale) in the forward direction."""

    def __init__(self, log_scale: tf.Tensor, name: str = "scaling"):
        """Creates the layer.

        Args:
          log_scale: s, shape `[D]`, with the dtype of the flow.
          name: name scope.
        """
        self._log_scale = tf.convert_to_tensor(log_scale)
        self.log_scale = -self._log_scale
        super().__init__(self._log_scale.dtype, forward_ndims=1, name=name)

    def _forward_and_log_det(self, latents):
        return latents * tf.exp(-self._log_scale), -self._log_det(latents)

    def _inverse_and_log_det(self, images):
        return images * tf.exp(self._log_scale), self._log_det(images)

    def _log_det(self, batch):
        return tf.fill(tf.shape(batch)[:-1], tf.reduce_sum(self._log_scale))

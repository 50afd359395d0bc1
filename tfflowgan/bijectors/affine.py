"""Elementwise affine map whose shift and scale may differ for each vector of the batch.

forward:  x = z exp(s) + t            log |det dx/dz| =  sum s
inverse:  z = (x - t) exp(-s)         log |det dz/dx| = -sum s
"""

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Affine"]


class Affine(OnePassBijector):
    """Shifts and scales vectors `[..., D]`."""

    log_scale: tf.Tensor

    def __init__(self, shift: tf.Tensor, log_scale: tf.Tensor, name: str = "affine"):
        """Creates the bijector.

        Args:
          shift: t, of a shape that broadcasts with the vectors.
          log_scale: s, of a shape that broadcasts with the vectors.
          name: name scope.
        """
        self._shift, self.log_scale = shift, log_scale
        super().__init__(log_scale.dtype, forward_ndims=1, name=name)

    def _forward_and_log_det(self, latents):
        return latents * tf.exp(self.log_scale) + self._shift, self._log_det(latents)

    def _inverse_and_log_det(self, images):
        return (images - self._shift) * tf.exp(-self.log_scale), -self._log_det(images)

    def _log_det(self, batch):
        return tf.reduce_sum(tf.broadcast_to(self.log_scale, tf.shape(batch)), axis=-1)

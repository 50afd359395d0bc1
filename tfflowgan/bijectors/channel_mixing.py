"""Invertible mixing of channels: the same linear map at every position (a 1x1 convolution).

    inverse:  z = x W            log |det dz/dx| =  H W sum s
    forward:  x = z W^-1         log |det dx/dz| = -H W sum s

W = (I + L) (exp(diag(s)) + U) with a strictly lower triangular L and a strictly upper triangular U:
its determinant needs no decomposition, and it is invertible for any weights (Kingma & Dhariwal,
2018, Eq. 10, without their permutation). L, U and s start at zero, so W starts as the identity.
"""

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["ChannelMixing"]


class ChannelMixing(OnePassBijector):
    """Multiplies the channels of images `[..., H, W, C]` by a matrix `[C, C]`."""

    def __init__(self, triangles: tf.Tensor, log_scale: tf.Tensor, name: str = "channel_mixing"):
        """Creates the layer.

        Args:
          triangles: L below the diagonal and U above it, `[C, C]`; its diagonal has no effect.
          log_scale: s, `[C]`, with the dtype of the flow.
          name: name scope.
        """
        self._triangles = tf.convert_to_tensor(triangles)
        self._log_scale = tf.convert_to_tensor(log_scale)
        self.log_scale = -self._log_scale
        super().__init__(self._log_scale.dtype, forward_ndims=3, name=name, one_batch_axis=True)

    def _inverse_and_log_det(self, images):
        lower, upper = self._factors()
        return _apply(images, tf.matmul(lower, upper)), self._log_det(images)

    def _forward_and_log_det(self, latents):
        lower, upper = self._factors()
        identity = tf.eye(lower.shape[0], dtype=lower.dtype)
        first = tf.linalg.triangular_solve(upper, identity, lower=False)
        second = tf.linalg.triangular_solve(lower, identity)
        return _apply(latents, tf.matmul(first, second)), -self._log_det(latents)

    def _factors(self):
        """I + L and exp(diag(s)) + U."""
        lower = tf.linalg.band_part(self._triangles, -1, 0)
        upper = tf.linalg.band_part(self._triangles, 0, -1)
        ones = tf.ones_like(self._log_scale)
        return tf.linalg.set_diag(lower, ones), tf.linalg.set_diag(upper, tf.exp(self._log_scale))

    def _log_det(self, images):
        positions = tf.cast(tf.shape(images)[1] * tf.shape(images)[2], self.dtype)
        return tf.fill(tf.shape(images)[:1], positions * tf.reduce_sum(self._log_scale))


def _apply(images, matrix):
    return tf.nn.conv2d(images, matrix[None, None], 1, "SAME")

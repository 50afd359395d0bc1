"""Coupling layer that splits the pixels of an image like the colours of a checkerboard.

With a mask m in {0, 1} over pixels, m' = 1 - m and (t, s) = network(m z):

    forward:  x = m z + m' (z exp(s) + t)             log |det dx/dz| =  sum m' s
    inverse:  z = m x + m' (x - t) exp(-s)            log |det dz/dx| = -sum m' s

(Dinh et al., 2017, Eq. 9 and Figure 3, left.) m x = m z, so the network receives the same input in
both directions.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["CheckerboardCoupling"]


class CheckerboardCoupling(OnePassBijector):
    """Affine coupling layer for images `[..., H, W, C]` with a checkerboard mask."""

    def __init__(
        self,
        network: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
        image_shape: tuple[int, int, int],
        flip: bool = False,
        dtype: tf.DType | str = tf.float32,
        name: str = "checkerboard_coupling",
    ):
        """Creates the coupling layer.

        Args:
          network: maps masked images `[B, H, W, C]` to (t, s), each with the shape of the images.
          image_shape: `(H, W, C)`.
          flip: if False, the squares with an even row + column condition the others; if True, the
            roles are exchanged.
          dtype: floating-point type of inputs and outputs.
          name: name scope.
        """
        self._network = network
        rows, columns = np.indices(image_shape[:2])
        mask = (rows + columns + 1 + int(flip)) % 2
        self._mask = tf.constant(mask[..., None], dtype)
        super().__init__(dtype, forward_ndims=3, name=name, one_batch_axis=True)

    def _forward_and_log_det(self, latents):
        shift, log_scale = self._masked_network(latents)
        return latents * tf.exp(log_scale) + shift, tf.reduce_sum(log_scale, axis=[-3, -2, -1])

    def _inverse_and_log_det(self, images):
        shift, log_scale = self._masked_network(images)
        return (images - shift) * tf.exp(-log_scale), -tf.reduce_sum(log_scale, axis=[-3, -2, -1])

    def _masked_network(self, whole):
        """Returns (m' t, m' s): zero on the conditioning squares, which thus stay unchanged."""
        shift, log_scale = self._network(whole * self._mask)
        changed = 1.0 - self._mask
        self.log_scale = log_scale = changed * log_scale
        return changed * shift, log_scale

"""Coupling between the two colours of a checkerboard.

With the mask m in {0, 1} over pixels, (t, s) = network(m z) and m' = 1 - m:

    forward:  x = m z + m' (z exp(s) + t)             log |det dx/dz| =  sum m' s
    inverse:  z = m x + m' (x - t) exp(-s)            log |det dz/dx| = -sum m' s

(Dinh et al., 2017, Eq. 9 and Figure 3, left.) m (x) = m (z), so both ways feed the network the same values.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["CheckerboardCoupling"]


class CheckerboardCoupling(OnePassBijector):
    """Affine coupling of images `[..., H, W, C]` over the colours of a checkerboard."""

    def __init__(
        self,
        network: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
        image_shape: tuple[int, int, int],
        flip: bool = False,
        dtype=tf.float32,
        name: str = "checkerboard_coupling",
    ):
        """Makes the coupling.

        Args:
          network: maps the masked images to (t, s), each of the images' shape.
          image_shape: `[H, W, C]`.
          flip: the white squares (odd row + column) condition the black ones, instead of the other way round.
          dtype: of both sides.
          name: name scope.
        """
        self._network = network
        rows, columns = np.indices(image_shape[:2])
        mask = (rows + columns + 1 + int(flip)) % 2
        self._mask = tf.constant(mask[..., None], dtype)
        super().__init__(dtype, forward_ndims=3, name=name)

    def _forward_and_log_det(self, latents):
        shift, log_scale = self._masked_network(latents)
        return latents * tf.exp(log_scale) + shift, tf.reduce_sum(log_scale, axis=[-3, -2, -1])

    def _inverse_and_log_det(self, images):
        shift, log_scale = self._masked_network(images)
        return (images - shift) * tf.exp(-log_scale), -tf.reduce_sum(log_scale, axis=[-3, -2, -1])

    def _masked_network(self, whole):
        """(m' t, m' s): with both zero on the conditioning squares, these pass through unchanged."""
        shift, log_scale = self._network(whole * self._mask)
        changed = 1.0 - self._mask
        self.log_scale = changed * log_scale
        return changed * shift, self.log_scale

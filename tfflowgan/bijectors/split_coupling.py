"""Coupling layer that splits the last axis in two: a vector (NICE) or the channels (real NVP).

With halves a and b, (t, s) = network(a), and s = 0 in an additive coupling layer:

    forward:  x_a = z_a,  x_b = z_b exp(s) + t            log |det dx/dz| =  sum s
    inverse:  z_a = x_a,  z_b = (x_b - t) exp(-s)         log |det dz/dx| = -sum s

The network is never inverted, so it can be any function (Dinh et al., 2015, Eq. 4-6; 2017, Eq.
4-8). `flip` exchanges the roles of the halves; two consecutive layers, one of them flipped,
transform all values.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["SplitCoupling"]


class SplitCoupling(OnePassBijector):
    """Affine or additive coupling layer for vectors `[..., D]` or images `[..., H, W, C]`."""

    def __init__(
        self,
        network: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor | None]],
        event_ndims: int,
        flip: bool = False,
        dtype: tf.DType | str = tf.float32,
        name: str = "split_coupling",
    ):
        """Creates the coupling layer.

        Args:
          network: maps one half, `[B, D/2]` or `[B, H, W, C/2]`, to (t, s), each with the shape of
            the other half; s is None in an additive coupling layer.
          event_ndims: 1 for vectors, 3 for images.
          flip: if False, the first half conditions the second; if True, the second conditions the
            first.
          dtype: floating-point type of inputs and outputs.
          name: name scope.
        """
        self._network = network
        self._flip = flip
        super().__init__(dtype, forward_ndims=event_ndims, name=name, one_batch_axis=True)

    def _forward_and_log_det(self, latents):
        def transform(b, t, s):
            return b + t if s is None else b * tf.exp(s) + t

        return self._couple(latents, transform, sign=1.0)

    def _inverse_and_log_det(self, images):
        def transform(b, t, s):
            return b - t if s is None else (b - t) * tf.exp(-s)

        return self._couple(images, transform, sign=-1.0)

    def _couple(self, whole, transform, sign):
        first, second = tf.split(whole, 2, axis=-1)
        kept, changed = (second, first) if self._flip else (first, second)
        shift, log_scale = self._network(kept)
        self.log_scale = log_scale
        changed = transform(changed, shift, log_scale)
        whole_again = self._joined(kept, changed)
        event_ndims = self.forward_min_event_ndims
        if log_scale is None:
            log_det = tf.zeros(tf.shape(whole)[:-event_ndims], whole.dtype)
        else:
            log_det = sign * tf.reduce_sum(log_scale, axis=list(range(-event_ndims, 0)))
        return whole_again, log_det

    def in_place(self, changed: tf.Tensor) -> tf.Tensor:
        """Values of the half that is changed, `[..., D/2]`, where they stand in `[..., D]`.

        The other half is 0.
        """
        return self._joined(tf.zeros_like(changed), changed)

    def _joined(self, kept, changed):
        return tf.concat((changed, kept) if self._flip else (kept, changed), axis=-1)

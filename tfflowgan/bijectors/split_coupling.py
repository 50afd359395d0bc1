"""Coupling between the two halves of the last axis: of a vector (NICE) or of the channels (real NVP).

With (a, b) the halves, (t, s) = network(a) and s = 0 for an additive coupling:

    forward:  x_a = z_a,  x_b = z_b exp(s) + t            log |det dx/dz| =  sum s
    inverse:  z_a = x_a,  z_b = (x_b - t) exp(-s)         log |det dz/dx| = -sum s

The network is never inverted, so it can be anything (Dinh et al., 2015, Eq. 4-6; 2017, Eq. 4-8). `flip` exchanges the
roles of the halves; two couplings in a row with and without it change everything.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["SplitCoupling"]


class SplitCoupling(OnePassBijector):
    """Affine (or additive) coupling of the halves of the last axis, `[..., D]` or `[..., H, W, C]`."""

    def __init__(
        self,
        network: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor | None]],
        event_ndims: int,
        flip: bool = False,
        dtype=tf.float32,
        name: str = "split_coupling",
    ):
        """Makes the coupling.

        Args:
          network: maps one half to (t, s), each of the other half's shape; s is None for an additive coupling.
          event_ndims: 1 for vectors, 3 for images.
          flip: the second half conditions the first.
          dtype: of both sides.
          name: name scope.
        """
        self._network = network
        self._flip = flip
        super().__init__(dtype, forward_ndims=event_ndims, name=name)

    def _forward_and_log_det(self, latents):
        return self._couple(latents, lambda b, t, s: b + t if s is None else b * tf.exp(s) + t, sign=1.0)

    def _inverse_and_log_det(self, images):
        return self._couple(images, lambda b, t, s: b - t if s is None else (b - t) * tf.exp(-s), sign=-1.0)

    def _couple(self, whole, transform, sign):
        first, second = tf.split(whole, 2, axis=-1)
        kept, changed = (second, first) if self._flip else (first, second)
        shift, log_scale = self._network(kept)
        self.log_scale = log_scale
        changed = transform(changed, shift, log_scale)
        halves = (changed, kept) if self._flip else (kept, changed)
        event_ndims = self.forward_min_event_ndims
        if log_scale is None:
            log_det = tf.zeros(tf.shape(whole)[:-event_ndims], whole.dtype)
        else:
            log_det = sign * tf.reduce_sum(log_scale, axis=list(range(-event_ndims, 0)))
        return tf.concat(halves, axis=-1), log_det

"""A bijector applied to shares of a batch, next to each other.

    forward:  concat(part_1(z_1), ..., part_n(z_n))  for the shares z_1, ..., z_n of z
    inverse:  the same of x

Every part is the same bijector, assembled anew; values and log-determinants are those of one part on the whole batch. In a
graph the parts depend on nothing of each other, so that each can have a core of its own (see `tfflowgan.bijectors.sharding`).
"""

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors import sharding
from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Sharded"]


class Sharded(OnePassBijector):
    """Images `[B, H, W, C]` from flat latents `[B, D]`, in shares of B."""

    def __init__(self, parts: list[tfp.bijectors.Bijector], dtype=tf.float32, name: str = "sharded"):
        """Makes the bijector.

        Args:
          parts: one bijector from latents to images a share, all of the same weights.
          dtype: of both sides.
          name: name scope.
        """
        self._parts = parts
        super().__init__(dtype, forward_ndims=1, inverse_ndims=3, name=name)

    def _forward_event_shape_tensor(self, shape):
        return self._parts[0].forward_event_shape_tensor(shape)

    def _forward_event_shape(self, shape):
        return self._parts[0].forward_event_shape(shape)

    def _inverse_event_shape_tensor(self, shape):
        return self._parts[0].inverse_event_shape_tensor(shape)

    def _inverse_event_shape(self, shape):
        return self._parts[0].inverse_event_shape(shape)

    def _forward_and_log_det(self, latents):
        return self._by_shares(latents, lambda part, z: (part.forward(z), part.forward_log_det_jacobian(z, event_ndims=1)))

    def _inverse_and_log_det(self, images):
        return self._by_shares(images, lambda part, x: (part.inverse(x), part.inverse_log_det_jacobian(x, event_ndims=3)))

    def _by_shares(self, whole, apply):
        count = len(self._parts)
        batch = tf.shape(whole)[0] if whole.shape[0] is None else whole.shape[0]
        shares = tf.split(whole, sharding.shard_sizes(batch, count))
        values, log_dets = zip(*map(apply, self._parts, shares), strict=True)
        return tf.concat(values, axis=0), tf.concat(log_dets, axis=0)

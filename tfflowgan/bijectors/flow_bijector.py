"""A bijector applied to the shards of a batch in parallel.

    forward:  concat(part_1(z_1), ..., part_n(z_n))  for the shards z_1, ..., z_n of z
    inverse:  the same for x

All parts are copies of one bijector with shared weights, so values and log-determinants are those
of one part applied to the whole batch. The parts are independent in the graph, so each can run on a
core of its own (see `tfflowgan.bijectors.sharding`).
"""

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors import sharding
from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Sharded"]


class Sharded(OnePassBijector):
    """Maps flat latents `[B, D]` to images `[B, H, W, C]`, one shard of the batch per part."""

    def __init__(
        self,
        parts: list[tfp.bijectors.Bijector],
        dtype: tf.DType | str = tf.float32,
        name: str = "sharded",
    ):
        """Creates the bijector.

        Args:
          parts: one bijector per shard, from latents to images, all with the same weights.
          dtype: floating-point type of inputs and outputs.
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
        def forward(part, z):
            return part.forward(z), part.forward_log_det_jacobian(z, event_ndims=1)

        return self._map_shards(latents, forward)

    def _inverse_and_log_det(self, images):
        def inverse(part, x):
            return part.inverse(x), part.inverse_log_det_jacobian(x, event_ndims=3)

        return self._map_shards(images, inverse)

    def _map_shards(self, batch, function):
        size = tf.shape(batch)[0] if batch.shape[0] is None else batch.shape[0]
        shards = tf.split(batch, sharding.shard_sizes(size, len(self._parts)))
        values, log_dets = zip(*map(function, self._parts, shards), strict=True)
        return tf.concat(values, axis=0), tf.concat(log_dets, axis=0)

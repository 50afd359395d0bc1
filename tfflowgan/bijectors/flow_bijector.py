"""The whole map of a flow, from flat latents to images, for any leading axes and in shards.

    forward:  concat(part_1(z_1), ..., part_n(z_n))  for the shards z_1, ..., z_n of z
    inverse:  the same for x

All parts are copies of one bijector with shared weights, so values and log-determinants are those
of one part applied to the whole batch. The parts are independent in the graph, so each can run on a
core of its own (see `tfflowgan.bijectors.sharding`). One part stands for the flow as it is.

Parts see one batch axis. Leading axes, none or several, known or not, are reshaped into one.
"""

import math

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors import sharding
from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["FlowBijector"]


class FlowBijector(OnePassBijector):
    """Maps flat latents `[..., D]` to images `[..., H, W, C]`, one shard of the batch per part.

    Attributes:
      bijectors: the parts.
      support: the lowest and highest value of images with a density; None without bounds.
    """

    def __init__(
        self,
        parts: list[tfp.bijectors.Bijector],
        image_shape: tuple[int, int, int],
        dtype: tf.DType | str = tf.float32,
        support: tuple[float, float] | None = None,
        name: str = "flow",
    ):
        """Creates the bijector.

        Args:
          parts: one bijector per shard, from latents `[B, D]` to images `[B, H, W, C]`, all with
            the same weights.
          image_shape: `(H, W, C)`.
          dtype: floating-point type of inputs and outputs.
          support: the lowest and highest value of images with a density; None without bounds.
          name: name scope.
        """
        self.bijectors = parts
        self.support = support
        self._image_shape = tuple(image_shape)
        super().__init__(dtype, forward_ndims=1, inverse_ndims=3, name=name, one_batch_axis=True)

    def _event(self, batch, event_ndims):
        return self._image_shape if event_ndims == 3 else (math.prod(self._image_shape),)

    def _forward_event_shape_tensor(self, shape):
        return tf.constant(self._image_shape)

    def _forward_event_shape(self, shape):
        return tf.TensorShape(self._image_shape)

    def _inverse_event_shape_tensor(self, shape):
        return tf.constant([math.prod(self._image_shape)])

    def _inverse_event_shape(self, shape):
        return tf.TensorShape([math.prod(self._image_shape)])

    def _forward_and_log_det(self, latents):
        def forward(part, z):
            return part.forward(z), part.forward_log_det_jacobian(z, event_ndims=1)

        return self._map_shards(latents, forward)

    def _inverse_and_log_det(self, images):
        def inverse(part, x):
            return part.inverse(x), part.inverse_log_det_jacobian(x, event_ndims=3)

        return self._map_shards(images, inverse)

    def _map_shards(self, batch, function):
        if len(self.bijectors) == 1:
            return function(self.bijectors[0], batch)
        size = tf.shape(batch)[0] if batch.shape[0] is None else batch.shape[0]
        shards = tf.split(batch, sharding.shard_sizes(size, len(self.bijectors)))
        values, log_dets = zip(*map(function, self.bijectors, shards), strict=True)
        return tf.concat(values, axis=0), tf.concat(log_dets, axis=0)

"""Squeeze: trade spatial resolution for channels.

    inverse:  [H, W, C] -> [H/2, W/2, 4 C], every 2 x 2 block of pixels becomes one pixel
    forward:  the reverse
    log |det| = 0

Checkerboard couplings before it and channel-wise couplings after it then split the values
differently (Dinh et al., 2017, section 3.6, Figure 3). The new channels are ordered as (row in
block, column in block, channel).
"""

import tensorflow as tf

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["Squeeze"]


class Squeeze(OnePassBijector):
    """Space to depth on images `[..., H, W, C]` with even H and W; forward is depth to space."""

    def __init__(self, dtype: tf.DType | str = tf.float32, name: str = "squeeze"):
        """Creates the bijector for inputs and outputs of a floating-point type."""
        super().__init__(dtype, forward_ndims=3, name=name, one_batch_axis=True)

    def _forward_event_shape_tensor(self, shape):
        return shape * tf.constant([2, 2, 1]) // tf.constant([1, 1, 4])

    def _forward_event_shape(self, shape):
        height, width, channels = shape
        return tf.TensorShape([2 * height, 2 * width, channels // 4])

    def _inverse_event_shape_tensor(self, shape):
        return shape * tf.constant([1, 1, 4]) // tf.constant([2, 2, 1])

    def _inverse_event_shape(self, shape):
        height, width, channels = shape
        return tf.TensorShape([height // 2, width // 2, 4 * channels])

    def _forward_and_log_det(self, latents):
        return tf.nn.depth_to_space(latents, 2), _zeros(latents)

    def _inverse_and_log_det(self, images):
        return tf.nn.space_to_depth(images, 2), _zeros(images)


def _zeros(images):
    return tf.zeros(tf.shape(images)[:-3], images.dtype)

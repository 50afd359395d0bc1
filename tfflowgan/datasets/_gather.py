"""Images by their numbers, inside a `tf.data` pipeline: from memory, or from a file on disk.

A dataset that does not fit into memory is a memory-mapped file (see `tfflowgan.images.memory`). Of
that, a batch reads its own images alone.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

__all__ = ["Gather", "gatherer"]

Gather = Callable[[tf.Tensor], tf.Tensor]  # from numbers [B] to pixels uint8 [B, H, W, C]


def gatherer(images: np.ndarray) -> Gather:
    """A function from numbers of images to these images.

    Args:
      images: uint8 `[N, H, W, C]`; copied into TensorFlow unless it is memory-mapped.

    Returns:
      A function from integers `[B]` to uint8 `[B, H, W, C]`.
    """
    if not isinstance(images, np.memmap):
        return _from_memory(images)

    def from_disk(indices):
        found = tf.numpy_function(
            lambda numbers: np.ascontiguousarray(images[numbers]), [indices], tf.uint8
        )
        return tf.ensure_shape(found, [*indices.shape, *images.shape[1:]])

    return from_disk


def _from_memory(images):
    """Reads from one tensor, which is made when it is first read."""
    pixels: list[tf.Tensor] = []

    def gather(indices):
        if not pixels:
            with tf.init_scope():
                pixels.append(tf.constant(images))
        return tf.gather(pixels[0], indices)

    return gather

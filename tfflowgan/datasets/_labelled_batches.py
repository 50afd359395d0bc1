"""Images with their labels, for classifiers, in a new order every epoch.

Unlike all other batches, these depend on what was drawn before: a run of a classifier that was
killed continues with a new sequence.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._gather import gatherer
from tfflowgan.datasets._splits import Split

__all__ = ["labelled_batches"]


def labelled_batches(
    split: Split, batch_size: int, seed: int, augment: Callable[[tf.Tensor], tf.Tensor]
) -> tf.data.Dataset:
    """One epoch of images and labels; the next iteration has another order.

    Args:
      split: images with labels.
      batch_size: images per batch; the last batch may have fewer.
      seed: of the order.
      augment: from float32 images `[B, H, W, C]` in [0, 1] to as many of the same shape.

    Returns:
      A dataset of (images float32 `[B, H, W, C]` in [0, 1], labels int64 `[B]`).
    """
    pixels, labels = gatherer(split.images), tf.constant(split.labels)
    order = tf.data.Dataset.range(len(split))
    order = order.shuffle(len(split), seed, reshuffle_each_iteration=True).batch(batch_size)

    def batch(indices):
        images = tf.ensure_shape(pixels(indices), [None, *split.images.shape[1:]])
        images = tf.cast(images, tf.float32) / (units.LEVELS - 1)
        return augment(images), tf.gather(labels, indices)

    batches = order.map(as_it_is(batch), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return batches.prefetch(tf.data.AUTOTUNE)

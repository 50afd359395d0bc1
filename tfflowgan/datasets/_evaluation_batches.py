"""Evaluation images: every image of a split once and in order.

An image's noise is a function of (seed, draw, its place in the split), whatever the batch size. The
last batch is padded, and padding has weight 0.
"""

import tensorflow as tf

from tfflowgan import draws
from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._dequantization import dequantize
from tfflowgan.datasets._gather import gatherer
from tfflowgan.datasets._seeds import EVALUATION, stateless_seed
from tfflowgan.datasets._splits import Split

__all__ = ["EVALUATION_BLOCK", "evaluation_batches", "evaluation_noise_seed"]

EVALUATION_BLOCK = 1000  # images whose evaluation noise is drawn together, whatever the batch size


def evaluation_noise_seed(seed: int, block: int | tf.Tensor, draw: int = 0) -> tf.Tensor:
    """The stateless seed of the noise of a block of `EVALUATION_BLOCK` images, int32 `[2]`."""
    return stateless_seed(seed, EVALUATION, block, draw)


def evaluation_batches(
    split: Split,
    batch_size: int,
    seed: int,
    draw: int = 0,
    start: int = 0,
    stop: int | None = None,
) -> tf.data.Dataset:
    """Every image of a split, or of a part of it, once and in order.

    Args:
      split: images.
      batch_size: images per batch; results do not depend on it.
      seed: of the noise.
      draw: which of several draws of the noise.
      start: the first image, a multiple of `EVALUATION_BLOCK`; only images from it on are copied.
      stop: the image after the last one; None for all. An image's noise depends on neither.

    Returns:
      A dataset of (images float32 `[batch_size, H, W, C]` in [0, 1], weights float32
      `[batch_size]`); the weights are 1 for images and 0 for the padding of the last batch.

    Raises:
      ValueError: `start` is not a multiple of `EVALUATION_BLOCK`.
    """
    if start % EVALUATION_BLOCK:
        raise ValueError(f"start={start} must be a multiple of {EVALUATION_BLOCK}.")
    part = split.images[start:stop]
    pixels = gatherer(part)
    count, shape = len(part), split.images.shape[1:]
    batch_size = min(batch_size, count)

    @as_it_is
    def block(number):
        first = number * EVALUATION_BLOCK
        part = pixels(tf.range(first, tf.minimum(first + EVALUATION_BLOCK, count)))
        noise_seed = evaluation_noise_seed(seed, start // EVALUATION_BLOCK + number, draw)
        uniform = draws.uniform([EVALUATION_BLOCK, *shape], noise_seed)
        return tf.data.Dataset.from_tensor_slices(dequantize(part, uniform[: tf.shape(part)[0]]))

    @as_it_is
    def pad(images):
        missing = batch_size - tf.shape(images)[0]
        weights = tf.concat([tf.ones(batch_size - missing), tf.zeros(missing)], axis=0)
        images = tf.concat([images, tf.fill([missing, *shape], 0.5)], axis=0)
        return tf.ensure_shape(images, [batch_size, *shape]), tf.ensure_shape(weights, [batch_size])

    blocks = tf.data.Dataset.range(-(-count // EVALUATION_BLOCK)).flat_map(block)
    batches = blocks.batch(batch_size)
    batches = batches.apply(tf.data.experimental.assert_cardinality(-(-count // batch_size)))
    return batches.map(pad).prefetch(tf.data.AUTOTUNE)

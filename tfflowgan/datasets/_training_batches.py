"""Training images in a new random order every epoch: each batch is a function of (seed, step).

    order of the images     (seed, epoch)
    dequantization noise    (seed, step)          x = (k + u) / 256, u ~ U[0, 1)
    flips                   (seed, step)

Batches are always whole: what is left over at the end of an epoch has its turn in another one.
"""

import numpy as np
import tensorflow as tf

from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._dequantization import training_images
from tfflowgan.datasets._gather import gatherer
from tfflowgan.datasets._seeds import FLIPS, NOISE, ORDER, stateless_seed
from tfflowgan.datasets._splits import Split

__all__ = ["numbered_steps", "pixel_batches"]
__all__ += ["training_batch", "training_batches"]


def training_batches(
    split: Split, batch_size: int, seed: int, first_step: int = 0, flips: bool = False
) -> tf.data.Dataset:
    """Endless training batches.

    Args:
      split: images; at least `batch_size` of them.
      batch_size: images per batch.
      seed: of order, noise and flips.
      first_step: the step whose batch comes first; what follows is the same whatever it is.
      flips: flip each image left to right with probability 1/2.

    Returns:
      A dataset of float32 images `[batch_size, H, W, C]` in [0, 1].
    """
    batches = pixel_batches(split, batch_size, seed, first_step)
    batches = batches.map(
        as_it_is(lambda step, pixels: training_batch(step, pixels, seed, flips)),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    return batches.prefetch(tf.data.AUTOTUNE)


def training_batch(step: int | tf.Tensor, pixels: tf.Tensor, seed: int, flips: bool) -> tf.Tensor:
    """The images of a step, float32 `[B, H, W, C]` in [0, 1], from their pixels uint8."""
    flips_seed = stateless_seed(seed, FLIPS, step) if flips else None
    images = training_images(pixels, stateless_seed(seed, NOISE, step), flips_seed)
    return tf.ensure_shape(images, pixels.shape)


def pixel_batches(split: Split, batch_size: int, seed: int, first_step: int) -> tf.data.Dataset:
    """Endless batches of pixels, in the order of `training_batches`.

    Args:
      split: images; at least `batch_size` of them.
      batch_size: images per batch.
      seed: of the order.
      first_step: the step whose batch comes first.

    Returns:
      A dataset of (step int64 `[]`, pixels uint8 `[batch_size, H, W, C]`).
    """
    count = len(split)
    steps = count // batch_size
    pixels = gatherer(split.images)

    @as_it_is
    def epoch(number):
        order_seed = stateless_seed(seed, ORDER, number)
        order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=order_seed)
        batches = tf.reshape(order[: steps * batch_size], [steps, batch_size])
        numbers = number * steps + tf.range(steps, dtype=tf.int64)
        return tf.data.Dataset.from_tensor_slices((numbers, batches))

    epochs = tf.data.Dataset.range(first_step // steps, np.iinfo(np.int64).max)
    batches = epochs.flat_map(epoch).skip(first_step % steps)
    batches = batches.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    return batches.map(
        as_it_is(lambda step, indices: (step, pixels(indices))),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )


def numbered_steps(first: int, end: int | None = None) -> tf.data.Dataset:
    """The numbers of steps, int64 `[]`, from `first` on and below `end`; without end for None."""
    if end is not None:
        return tf.data.Dataset.range(first, end)
    steps = tf.data.Dataset.range(first, np.iinfo(np.int64).max)
    return steps.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))

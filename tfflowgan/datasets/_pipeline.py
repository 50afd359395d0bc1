"""The input pipeline: every batch is a function of (seed, step), so that training can resume anywhere.

    order of the images     (seed, epoch)
    dequantisation noise    (seed, step)          x = (k + u) / 256, u ~ U[0, 1)
    flips                   (seed, step)
    a critic's images       (seed, stream, step, update): drawn anew for every update, with replacement

Training batches are always whole. Evaluation covers every image: the last batch is padded, and padding has weight 0.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets._splits import Split

__all__ = ["EVALUATION_BLOCK", "critic_draws", "critic_updates", "evaluation_batches", "latent_batches", "training_batches"]

_ORDER, _NOISE, _FLIPS, _EVALUATION, _LATENTS, _CRITIC, _EXTRA = range(7)
EVALUATION_BLOCK = 1000  # images whose evaluation noise is drawn together, whatever the batch size


def training_batches(split: Split, batch_size: int, seed: int, first_step: int = 0, flips: bool = False) -> tf.data.Dataset:
    """Endless training batches.

    Args:
      split: images; at least `batch_size` of them.
      batch_size: images in every batch.
      seed: of order, noise and flips.
      first_step: the step whose batch comes first; what follows is the same whatever it is.
      flips: flip each image left to right with probability 1/2.

    Returns:
      A dataset of float32 images `[batch_size, H, W, C]` in [0, 1].
    """
    count = len(split)
    steps = count // batch_size
    pixels = tf.constant(split.images)

    def epoch(number):
        order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=_seed(seed, _ORDER, number))
        batches = tf.reshape(order[: steps * batch_size], [steps, batch_size])
        return tf.data.Dataset.from_tensor_slices((number * steps + tf.range(steps, dtype=tf.int64), batches))

    def batch(step, indices):
        images = tf.cast(tf.gather(pixels, indices), tf.float32)
        images = units.dequantize(images, _noise(tf.shape(images), _seed(seed, _NOISE, step)))
        if flips:
            heads = tf.random.stateless_uniform([batch_size, 1, 1, 1], _seed(seed, _FLIPS, step)) < 0.5
            images = tf.where(heads, images[:, :, ::-1], images)
        return tf.ensure_shape(images, [batch_size, *split.images.shape[1:]])

    epochs = tf.data.Dataset.range(first_step // steps, np.iinfo(np.int64).max)
    batches = epochs.flat_map(epoch).skip(first_step % steps)
    batches = batches.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    return batches.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)


def latent_batches(latents: Callable, batch_size: int, seed: int, first_step: int = 0, extra: bool = False) -> tf.data.Dataset:
    """Endless latents of the generator's own steps.

    Args:
      latents: (count, stateless seed) -> `[count, D]`.
      batch_size: latents in every batch.
      seed: of all of them.
      first_step: the step whose latents come first.
      extra: others, of the extra images for a conditional critic.
    """
    stream = _EXTRA if extra else _LATENTS
    return _steps(first_step).map(lambda step: latents(batch_size, _seed(seed, stream, step)), tf.data.AUTOTUNE, True)


def critic_draws(
    split: Split, latents: Callable, batch_size: int, seed: int, flips: bool, stream: int, extra: bool = False
) -> Callable:
    """What a critic is updated with, as a function of when.

    Args:
      split: the real images.
      latents: (count, stateless seed) -> `[count, D]`.
      batch_size: images of each kind in an update.
      seed: of everything drawn.
      flips: flip each real image left to right with probability 1/2.
      stream: keeps the draws of several critics apart.
      extra: draw the latents of extra images too, for a conditional critic.

    Returns:
      A function (step, first update, updates) -> {"real" `[batch_size, updates, H, W, C]`, "latents" `[batch_size, updates, D]`,
      "mix" uniform `[batch_size, updates]`; "extra" like "latents" if asked for}, each update a function of (seed, stream, step,
      its number).
    """
    pixels = tf.constant(split.images)
    count = len(split)

    def one(step, update):
        base = _seed(seed, _CRITIC, stream, step, update)
        which, noise, heads, draw, mix, more = (tf.random.fold_in(base, i) for i in range(6))
        indices = tf.random.stateless_uniform([batch_size], which, 0, count, tf.int32)
        real = tf.cast(tf.gather(pixels, indices), tf.float32)
        real = units.dequantize(real, _noise(tf.shape(real), noise))
        if flips:
            real = tf.where(tf.random.stateless_uniform([batch_size, 1, 1, 1], heads) < 0.5, real[:, :, ::-1], real)
        real = tf.ensure_shape(real, [batch_size, *split.images.shape[1:]])
        drawn = {"real": real, "latents": latents(batch_size, draw), "mix": tf.random.stateless_uniform([batch_size], mix)}
        return drawn | ({"extra": latents(batch_size, more)} if extra else {})

    def draw(step, first, updates):
        parts = [one(step, first + i) for i in range(updates)]
        return tf.nest.map_structure(lambda *tensors: tf.stack(tensors, axis=1), *parts)

    return draw


def critic_updates(
    draw: Callable, first_step: int, count: Callable, first: int = 0, end_step: int | None = None
) -> tf.data.Dataset:
    """Single updates of a critic, step after step.

    Args:
      draw: made by `critic_draws`.
      first_step: whose updates come first.
      count: from a step (an int64 tensor) to how many updates it has.
      first: the number of a step's first update.
      end_step: from which on no step has any; None if there is no such step.

    Returns:
      A dataset of what `draw` gives for one update; each step has `count(step)` of them.
    """
    counted = _steps(first_step, end_step).flat_map(
        lambda step: tf.data.Dataset.range(tf.cast(count(step), tf.int64)).map(lambda update: (step, first + update))
    )
    updates = counted.map(lambda step, update: draw(step, update, 1), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return updates.prefetch(tf.data.AUTOTUNE)


def evaluation_batches(
    split: Split, batch_size: int, seed: int, draw: int = 0, start: int = 0, stop: int | None = None
) -> tf.data.Dataset:
    """Every image of a split, or of a part of it, once and in order.

    Args:
      split: images.
      batch_size: images in every batch; results do not depend on it.
      seed: of the noise.
      draw: which of several draws of the noise.
      start: the first image, a multiple of `EVALUATION_BLOCK`; only the images asked for are copied.
      stop: the image after the last one; None for all. The noise of an image does not depend on either.

    Returns:
      A dataset of (images float32 `[batch_size, H, W, C]` in [0, 1], weights float32 `[batch_size]`), the weights 1 for
      images and 0 for the padding of the last batch.
    """
    if start % EVALUATION_BLOCK:
        raise ValueError(f"start is {start} where a multiple of {EVALUATION_BLOCK} is due.")
    pixels = tf.constant(split.images[start:stop])
    count, shape = len(pixels), split.images.shape[1:]
    batch_size = min(batch_size, count)

    def block(number):
        images = tf.cast(pixels[number * EVALUATION_BLOCK : (number + 1) * EVALUATION_BLOCK], tf.float32)
        noise = _noise([EVALUATION_BLOCK, *shape], _seed(seed, _EVALUATION, start // EVALUATION_BLOCK + number, draw))
        return tf.data.Dataset.from_tensor_slices(units.dequantize(images, noise[: tf.shape(images)[0]]))

    def pad(images):
        missing = batch_size - tf.shape(images)[0]
        weights = tf.concat([tf.ones(batch_size - missing), tf.zeros(missing)], axis=0)
        images = tf.concat([images, tf.fill([missing, *shape], 0.5)], axis=0)
        return tf.ensure_shape(images, [batch_size, *shape]), tf.ensure_shape(weights, [batch_size])

    blocks = tf.data.Dataset.range(-(-count // EVALUATION_BLOCK)).flat_map(block)
    batches = blocks.batch(batch_size).apply(tf.data.experimental.assert_cardinality(-(-count // batch_size)))
    return batches.map(pad).prefetch(tf.data.AUTOTUNE)


def _steps(first, end=None):
    if end is not None:
        return tf.data.Dataset.range(first, end)
    steps = tf.data.Dataset.range(first, np.iinfo(np.int64).max)
    return steps.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))


def _noise(shape, seed):
    return tf.minimum(tf.random.stateless_uniform(shape, seed), units.NOISE_LIMIT)


def _seed(seed, *parts):
    folded = tf.constant([seed, 0], tf.int32)
    for part in parts:
        folded = tf.random.fold_in(folded, tf.cast(part, tf.int32))
    return folded

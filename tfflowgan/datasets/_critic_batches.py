"""Batches of a critic in training: each is a function of (seed, critic, step, update in the step).

The real images are drawn anew, with replacement, for every update.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan import draws
from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._dequantization import training_images
from tfflowgan.datasets._gather import Gather, gatherer
from tfflowgan.datasets._latents import LatentDraw
from tfflowgan.datasets._seeds import CRITIC, stateless_seed
from tfflowgan.datasets._splits import Split
from tfflowgan.datasets._training_batches import numbered_steps

__all__ = ["CriticDraw", "critic_draws", "critic_updates"]

CriticDraw = Callable[[int | tf.Tensor, int | tf.Tensor, int], dict[str, tf.Tensor]]


def critic_draws(
    split: Split,
    latents: LatentDraw,
    batch_size: int,
    seed: int,
    flips: bool,
    stream: int,
    extra: bool = False,
    gather: Gather | None = None,
) -> CriticDraw:
    """What a critic is updated with, as a function of when.

    Args:
      split: the real images.
      latents: (count, stateless seed) -> `[count, D]`.
      batch_size: images of each kind in an update.
      seed: of everything drawn.
      flips: flip each real image left to right with probability 1/2.
      stream: keeps the draws of several critics apart: `BURST`, `INDEPENDENT` or `READING`.
      extra: draw the latents of extra images too, for a conditional critic.
      gather: from numbers of images of the split to their pixels; None to read them from memory.

    Returns:
      A function (step, first update, number of updates) -> {"real": float32
      `[batch_size, updates, H, W, C]`, "latents": `[batch_size, updates, D]`, "mix": float32
      `[batch_size, updates]`, uniform in [0, 1); with `extra` also "extra", like "latents"}.
    """
    pixels = gather or gatherer(split.images)
    count = len(split)

    def one(step, update):
        base = stateless_seed(seed, CRITIC, stream, step, update)
        which, noise, heads, draw, mix, more = (draws.fold_in(base, i) for i in range(6))
        indices = draws.integers([batch_size], which, count)
        real = training_images(pixels(indices), noise, heads if flips else None)
        drawn = {
            "real": tf.ensure_shape(real, [batch_size, *split.images.shape[1:]]),
            "latents": latents(batch_size, draw),
            "mix": draws.uniform([batch_size], mix),
        }
        return drawn | ({"extra": latents(batch_size, more)} if extra else {})

    def draw(step, first, updates):
        parts = [one(step, first + i) for i in range(updates)]
        return tf.nest.map_structure(lambda *tensors: tf.stack(tensors, axis=1), *parts)

    return draw


def critic_updates(
    draw: CriticDraw,
    first_step: int,
    count: Callable[[tf.Tensor], int | tf.Tensor],
    first: int = 0,
    end_step: int | None = None,
) -> tf.data.Dataset:
    """Single updates of a critic, step after step.

    Args:
      draw: made by `critic_draws`.
      first_step: the step whose updates come first.
      count: from a step (int64 `[]`) to the number of its updates.
      first: the number of a step's first update.
      end_step: the step from which on there are no updates; None if they go on.

    Returns:
      A dataset of what `draw` gives for one update; each step has `count(step)` of them.
    """

    @as_it_is
    def updates_of(step):
        numbers = tf.data.Dataset.range(tf.cast(count(step), tf.int64))
        return numbers.map(as_it_is(lambda update: (step, first + update)))

    updates = numbered_steps(first_step, end_step).flat_map(updates_of)
    return updates.map(
        as_it_is(lambda step, update: draw(step, update, 1)),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    ).prefetch(tf.data.AUTOTUNE)

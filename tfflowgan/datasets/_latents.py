"""Latents of a generator's own steps: each batch is a function of (seed, step)."""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.datasets._seeds import EXTRA, LATENTS, stateless_seed
from tfflowgan.datasets._training_batches import numbered_steps
from tfflowgan.generators import Generator

__all__ = ["LatentDraw", "latent_batches", "prior_draws"]

LatentDraw = Callable[[int, tf.Tensor], tf.Tensor]  # from a count and a stateless seed to latents


def prior_draws(generator: Generator) -> LatentDraw:
    """A generator's prior as a function (count, stateless seed) -> latents `[count, D]`."""

    def draw(count, seed):
        return tf.ensure_shape(generator.prior().sample(count, seed=seed), [count, generator.dims])

    return draw


def latent_batches(
    latents: LatentDraw, batch_size: int, seed: int, first_step: int = 0, extra: bool = False
) -> tf.data.Dataset:
    """Endless latents of the generator's own steps.

    Args:
      latents: (count, stateless seed) -> `[count, D]`, as `prior_draws` gives it.
      batch_size: latents per batch.
      seed: of all of them.
      first_step: the step whose latents come first.
      extra: draw others, of the extra images for a conditional critic.

    Returns:
      A dataset of latents `[batch_size, D]` of the generator's dtype.
    """
    stream = EXTRA if extra else LATENTS
    return numbered_steps(first_step).map(
        lambda step: latents(batch_size, stateless_seed(seed, stream, step)),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )

"""Latents of a generator's own steps: each batch is a function of (seed, step)."""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.datasets._seeds import EXTRA, LATENTS, stateless_seed
from tfflowgan.generators import Generator

__all__ = ["LatentDraw", "latents_at", "prior_draws"]

LatentDraw = Callable[[int, tf.Tensor], tf.Tensor]  # from a count and a stateless seed to latents


def prior_draws(generator: Generator) -> LatentDraw:
    """A generator's prior as a function (count, stateless seed) -> latents `[count, D]`."""

    def draw(count, seed):
        return tf.ensure_shape(generator.prior().sample(count, seed=seed), [count, generator.dims])

    return draw


def latents_at(
    step: int | tf.Tensor, latents: LatentDraw, batch_size: int, seed: int, extra: bool = False
) -> tf.Tensor:
    """Latents `[batch_size, D]` of the generator's own step.

    Args:
      step: from 0.
      latents: (count, stateless seed) -> `[count, D]`, as `prior_draws` gives it.
      batch_size: latents per batch.
      seed: of all of them.
      extra: draw others, of the extra images for a conditional critic.
    """
    return latents(batch_size, stateless_seed(seed, EXTRA if extra else LATENTS, step))

"""When a critic is updated, and on what.

    usual      `steps` updates before every generator step
    a burst    `burst_steps` instead, before the first `burst_first` generator steps and before every `burst_every`-th
               (Danihelka et al., 2017, section 2.2: 5; 100, 25, 500)

The usual updates are part of the training step; what a burst adds beyond them runs before it, one update at a time.
"""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from tfflowgan import datasets
from tfflowgan.datasets import Split
from tfflowgan.generators import Generator

__all__ = ["BURST", "INDEPENDENT", "READING", "CriticSchedule", "prior_draws", "rounds"]

BURST, INDEPENDENT, READING = 0, 1, 2  # streams of `critic_draws`; bursts share the training critic's


@dataclasses.dataclass(frozen=True)
class CriticSchedule:
    """How many updates a generator step gets."""

    steps: int
    burst_steps: int = 0
    burst_first: int = 0
    burst_every: int = 0

    @property
    def end(self) -> int | None:
        """The step from which on there are no bursts, or None if they go on."""
        return None if self.burst_every else self.burst_first

    def extra(self, step) -> tf.Tensor:
        """The updates beyond the usual ones before a generator step, counted from 0."""
        step = tf.cast(step, tf.int64)
        burst = step < self.burst_first
        if self.burst_every:
            burst |= step % self.burst_every == 0
        return tf.where(burst, tf.constant(max(0, self.burst_steps - self.steps), tf.int64), 0)

    def extra_of_all(self, steps: int) -> int:
        """The updates beyond the usual ones before the first `steps` generator steps together."""
        first = min(self.burst_first, steps)
        later = -(-steps // self.burst_every) - -(-first // self.burst_every) if self.burst_every else 0
        return (first + later) * max(0, self.burst_steps - self.steps)


def prior_draws(generator: Generator) -> Callable:
    """A generator's prior as (count, stateless seed) -> latents `[count, D]`."""
    return lambda count, seed: tf.ensure_shape(generator.prior().sample(count, seed=seed), [count, generator.dims])


def rounds(
    split: Split,
    generator: Generator,
    batch_size: int,
    seed: int,
    first_step: int,
    flips: bool,
    critic_steps: int,
    reuse_batch: bool = False,
    extra: bool = False,
) -> tf.data.Dataset:
    """Endless batches for `FlowGAN.train_step`.

    Args:
      split: training images.
      generator: whose prior the latents come from.
      batch_size: images a step, over all devices, and of each kind in an update of the critic.
      seed: of everything.
      first_step: the generator step whose batch comes first.
      flips: flip images left to right with probability 1/2.
      critic_steps: K, the usual updates; 0 leaves the critic's part and the latents out.
      reuse_batch: all updates and the generator's step share one batch of images and one of latents, as in Flow-GAN's code.
      extra: add the latents of extra images, for a conditional critic.
    """
    images = datasets.training_batches(split, batch_size, seed, first_step, flips)
    if not critic_steps:
        return images.map(lambda batch: {"images": batch})
    draws = prior_draws(generator)
    draw = datasets.critic_draws(split, draws, batch_size, seed, flips, BURST, extra)
    steps = tf.data.Dataset.counter(first_step)

    def combine(step, images, latents):
        critic = draw(step, 0, critic_steps)
        if reuse_batch:
            critic = {"real": images[:, None], "mix": critic["mix"]} | {name: z[:, None] for name, z in latents.items()}
        return {"images": images, "critic": critic} | latents

    latents = {"latents": datasets.latent_batches(draws, batch_size, seed, first_step)}
    if extra:
        latents["extra"] = datasets.latent_batches(draws, batch_size, seed, first_step, extra=True)
    parts = tf.data.Dataset.zip(steps, images, tf.data.Dataset.zip(latents))
    return parts.map(combine, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)

"""Batches of `FlowGAN.train_step`: images and latents for the generator, and as many of each for every update of its critic."""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.datasets._pipeline import critic_draws, latent_batches, training_batches
from tfflowgan.datasets._splits import Split
from tfflowgan.generators import Generator

__all__ = ["BURST", "INDEPENDENT", "READING", "prior_draws", "rounds"]

BURST, INDEPENDENT, READING = 0, 1, 2  # streams of `critic_draws`; bursts share the training critic's


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
    images = training_batches(split, batch_size, seed, first_step, flips)
    if not critic_steps:
        return images.map(lambda batch: {"images": batch})
    draws = prior_draws(generator)
    draw = critic_draws(split, draws, batch_size, seed, flips, BURST, extra)
    steps = tf.data.Dataset.counter(first_step)

    def combine(step, images, latents):
        critic = draw(step, 0, critic_steps)
        if reuse_batch:
            critic = {"real": images[:, None], "mix": critic["mix"]} | {name: z[:, None] for name, z in latents.items()}
        return {"images": images, "critic": critic} | latents

    latents = {"latents": latent_batches(draws, batch_size, seed, first_step)}
    if extra:
        latents["extra"] = latent_batches(draws, batch_size, seed, first_step, extra=True)
    parts = tf.data.Dataset.zip(steps, images, tf.data.Dataset.zip(latents))
    return parts.map(combine, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)

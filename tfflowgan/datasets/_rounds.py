"""Batches of `FlowGAN.train_step`: what the generator takes, and as much for each critic update."""

import tensorflow as tf

from tfflowgan.datasets._critic_batches import critic_draws
from tfflowgan.datasets._latents import latent_batches, prior_draws
from tfflowgan.datasets._seeds import BURST
from tfflowgan.datasets._splits import Split
from tfflowgan.datasets._training_batches import numbered_steps, training_batches
from tfflowgan.generators import Generator

__all__ = ["rounds"]


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
      generator: the latents come from its prior.
      batch_size: images per step over all devices, and of each kind in an update of the critic.
      seed: of everything.
      first_step: the generator step whose batch comes first.
      flips: flip images left to right with probability 1/2.
      critic_steps: K, the critic's usual updates per step; 0 leaves "critic" and the latents out.
      reuse_batch: all updates and the generator's step share one batch of images and one of
        latents, as in Flow-GAN's code.
      extra: add the latents of extra images, for a conditional critic.

    Returns:
      A dataset of {"images": float32 `[batch_size, H, W, C]`, "latents": `[batch_size, D]`,
      "critic": as `critic_draws` gives it for K updates, but for one update and with "mix" for K if
      `reuse_batch`}; with `extra` also "extra", like "latents".
    """
    images = training_batches(split, batch_size, seed, first_step, flips)
    if not critic_steps:
        return images.map(lambda batch: {"images": batch})
    draws = prior_draws(generator)
    draw = critic_draws(split, draws, batch_size, seed, flips, BURST, extra)

    def combine(step, images, latents):
        critic = draw(step, 0, critic_steps)
        if reuse_batch:
            reused = {name: z[:, None] for name, z in latents.items()}
            critic = {"real": images[:, None], "mix": critic["mix"]} | reused
        return {"images": images, "critic": critic} | latents

    latents = {"latents": latent_batches(draws, batch_size, seed, first_step)}
    if extra:
        latents["extra"] = latent_batches(draws, batch_size, seed, first_step, extra=True)
    parts = tf.data.Dataset.zip(numbered_steps(first_step), images, tf.data.Dataset.zip(latents))
    return parts.map(combine, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)

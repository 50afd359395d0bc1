"""Batches of `FlowGAN.train_step`: what the generator takes, and as much for each critic update.

A batch is a function of its step and of the pixels that come up in it. The input pipeline and
programs that take many steps call the same function.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._critic_batches import critic_draws
from tfflowgan.datasets._gather import Gather
from tfflowgan.datasets._latents import latents_at, prior_draws
from tfflowgan.datasets._seeds import BURST
from tfflowgan.datasets._splits import Split
from tfflowgan.datasets._training_batches import pixel_batches, training_batch
from tfflowgan.generators import Generator

__all__ = ["Round", "round_draws", "rounds"]

Round = Callable[[int | tf.Tensor, tf.Tensor], dict[str, tf.Tensor | dict[str, tf.Tensor]]]


def round_draws(
    split: Split,
    generator: Generator,
    batch_size: int,
    seed: int,
    flips: bool,
    critic_steps: int,
    reuse_batch: bool = False,
    extra: bool = False,
    gather: Gather | None = None,
) -> Round:
    """What `FlowGAN.train_step` takes, as a function of when.

    Args:
      split: training images.
      generator: the latents come from its prior.
      batch_size: images per step over all devices, and of each kind in an update of the critic.
      seed: of everything.
      flips: flip images left to right with probability 1/2.
      critic_steps: K, the critic's usual updates per step; 0 leaves "critic" and the latents out.
      reuse_batch: all updates and the generator's step share one batch of images and one of
        latents, as in Flow-GAN's code.
      extra: add the latents of extra images, for a conditional critic.
      gather: as for `critic_draws`.

    Returns:
      A function from a step and pixels uint8 `[batch_size, H, W, C]` to {"images": float32
      `[batch_size, H, W, C]`, "latents": `[batch_size, D]`, "critic": as `critic_draws` gives it
      for K updates, but for one update and with "mix" for K if `reuse_batch`}; with `extra` also
      "extra", like "latents".
    """
    draws = prior_draws(generator)
    draw = critic_draws(split, draws, batch_size, seed, flips, BURST, extra, gather)

    def combine(step, pixels):
        images = training_batch(step, pixels, seed, flips)
        if not critic_steps:
            return {"images": images}
        latents = {"latents": latents_at(step, draws, batch_size, seed)}
        if extra:
            latents["extra"] = latents_at(step, draws, batch_size, seed, extra=True)
        critic = draw(step, 0, critic_steps)
        if reuse_batch:
            reused = {name: z[:, None] for name, z in latents.items()}
            critic = {"real": images[:, None], "mix": critic["mix"]} | reused
        return {"images": images, "critic": critic} | latents

    return combine


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
      split: training images; at least `batch_size` of them.
      generator: see `round_draws`, as for all that is not named here.
      batch_size: images per step.
      seed: of everything.
      first_step: the generator step whose batch comes first.
      flips: flip images left to right with probability 1/2.
      critic_steps: the critic's usual updates per step.
      reuse_batch: one batch for all updates.
      extra: add latents for a conditional critic.

    Returns:
      A dataset of what `round_draws` gives for each step.
    """
    draw = round_draws(split, generator, batch_size, seed, flips, critic_steps, reuse_batch, extra)
    batches = pixel_batches(split, batch_size, seed, first_step)
    batches = batches.map(as_it_is(draw), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return batches.prefetch(2 if critic_steps else tf.data.AUTOTUNE)

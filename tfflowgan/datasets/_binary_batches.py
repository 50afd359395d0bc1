"""Binary images and noise of variational auto-encoders.

    x_i = 1 with probability k_i / 255, otherwise 0          k_i in 0..255, the values of the pixels

Training batches are functions of (seed, step); what a measurement draws is a function of the seed.
"""

import math

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets._autograph import as_it_is
from tfflowgan.datasets._seeds import (
    BINARY,
    BINARY_EVALUATION,
    DISCRIMINATOR_ENCODER_NOISE,
    DISCRIMINATOR_PRIOR,
    ENCODER_EVALUATION,
    ENCODER_NOISE,
    numpy_generator,
    stateless_seed,
)
from tfflowgan.datasets._splits import Split
from tfflowgan.datasets._training_batches import pixel_batches

__all__ = ["binary_batches", "binary_images", "encoder_noise"]

_BRIGHTEST = units.LEVELS - 1


def binary_batches(
    split: Split, batch_size: int, seed: int, latents: int, updates: int, first_step: int = 0
) -> tf.data.Dataset:
    """Endless batches of `AVB.train_step`, in the order of `training_batches`.

    Args:
      split: images; at least `batch_size` of them. They are made binary anew in every step.
      batch_size: images per batch.
      seed: of everything drawn.
      latents: L, values in a latent.
      updates: U, the discriminators' updates before each step.
      first_step: the step whose batch comes first.

    Returns:
      A dataset of {"images": 0 or 1, `[batch_size, D]`, "noise": `[batch_size, L]` for the encoder,
      "encoder_noise" and "prior": `[batch_size, U, L]` for the discriminators}, all of float32; the
      noise and the prior are standard normal.
    """
    dims = units.dimensions(split.images.shape[1:])

    def batch(step, pixels):
        def normal(stream, shape):
            return tf.random.stateless_normal(shape, stateless_seed(seed, stream, step))

        values = tf.reshape(tf.cast(pixels, tf.float32) / _BRIGHTEST, [batch_size, dims])
        uniform = tf.random.stateless_uniform(
            [batch_size, dims], stateless_seed(seed, BINARY, step)
        )
        several = [batch_size, updates, latents]
        return {
            "images": tf.cast(uniform < values, tf.float32),
            "noise": normal(ENCODER_NOISE, [batch_size, latents]),
            "encoder_noise": normal(DISCRIMINATOR_ENCODER_NOISE, several),
            "prior": normal(DISCRIMINATOR_PRIOR, several),
        }

    batches = pixel_batches(split, batch_size, seed, first_step)
    batches = batches.map(as_it_is(batch), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return batches.prefetch(2)


def binary_images(split: Split, seed: int) -> np.ndarray:
    """A split's images made binary once, for a measurement: float32 `[N, D]`, 0 or 1."""
    uniform = numpy_generator(seed, BINARY_EVALUATION).random(split.images.shape, np.float32)
    values = split.images / np.float32(_BRIGHTEST)
    return (
        (uniform < values).reshape(len(split), math.prod(split.images.shape[1:])).astype(np.float32)
    )


def encoder_noise(count: int, latents: int, seed: int) -> np.ndarray:
    """Standard normal noise of a measurement, float32 `[count, latents]`."""
    return numpy_generator(seed, ENCODER_EVALUATION).standard_normal((count, latents), np.float32)

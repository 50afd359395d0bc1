"""Dequantization noise of single images, each from its own seed."""

import math

import tensorflow as tf

from tfflowgan import draws, units

__all__ = ["dequantized_draws"]

_STREAM = 1  # of a seed; `Generator.latents` takes the seed as it is


def _uniform_by_seed(seeds: tf.Tensor, shape: list[int]) -> tf.Tensor:
    """Uniform numbers float32 `[B, *shape]` in [0, 1); row i depends only on `seeds[i]`.

    Args:
      seeds: int64 `[B]`.
      shape: of the numbers of one seed.
    """
    folded = draws.fold_in_rows(tf.bitcast(seeds, tf.int32), _STREAM)
    return tf.reshape(draws.uniform_rows(math.prod(shape), folded), [-1, *shape])


def dequantized_draws(pixels: tf.Tensor, seeds: tf.Tensor, draws: int, dtype: str) -> tf.Tensor:
    """Images with noise, several draws of each.

    Args:
      pixels: `[B, H, W, C]`, 0 to 255, of any numeric dtype.
      seeds: int64 `[B]`, one per image.
      draws: noise draws per image.
      dtype: of the result, floating-point.

    Returns:
      Dequantized images `[B * draws, H, W, C]`; those of one image are neighbours.
    """
    shape = pixels.shape[1:]
    noise = tf.minimum(_uniform_by_seed(seeds, [draws, *shape]), units.NOISE_LIMIT)
    images = units.dequantize(tf.cast(pixels, dtype)[:, tf.newaxis], tf.cast(noise, dtype))
    return tf.reshape(images, [-1, *shape])

"""Pixels become images, dequantized by uniform noise.

    x = (k + u) / 256,  u ~ U[0, 1)        k in 0..255, see `tfflowgan.units`

In training, images may be flipped at random too.
"""

import numpy as np
import tensorflow as tf

from tfflowgan import draws, units

__all__ = ["dequantize", "training_images"]


def dequantize(
    pixels: tf.Tensor | np.ndarray, uniform: tf.Tensor | np.ndarray
) -> tf.Tensor | np.ndarray:
    """Images of pixels and of uniform noise.

    Args:
      pixels: k, whole numbers 0..255 of any type and shape.
      uniform: u in [0, 1), float32 of the same shape; a tensor or an array as the pixels are.

    Returns:
      x in [0, 1), float32, the same shape. u is cut off at `units.NOISE_LIMIT`; next to 1,
      k + u would be rounded to k + 1.
    """
    if isinstance(pixels, np.ndarray):
        return units.dequantize(
            pixels.astype(np.float32), np.minimum(uniform, np.float32(units.NOISE_LIMIT))
        )
    return units.dequantize(tf.cast(pixels, tf.float32), tf.minimum(uniform, units.NOISE_LIMIT))


def training_images(
    pixels: tf.Tensor, noise_seed: tf.Tensor, flips_seed: tf.Tensor | None
) -> tf.Tensor:
    """A batch of training images.

    Args:
      pixels: uint8 `[B, H, W, C]`.
      noise_seed: stateless seed of the noise, int32 `[2]`.
      flips_seed: stateless seed of left-right flips, each with probability 1/2; None for no flips.

    Returns:
      float32 `[B, H, W, C]` in [0, 1).
    """
    images = dequantize(pixels, draws.uniform(tf.shape(pixels), noise_seed))
    if flips_seed is not None:
        heads = draws.uniform([tf.shape(pixels)[0], 1, 1, 1], flips_seed) < 0.5
        images = tf.where(heads, images[:, :, ::-1], images)
    return images

"""Batches of an evaluation's independent critic: functions of (seed, stream, number of the batch).

    x = (k + u) / 256, u ~ U[0, 1)      uint8 images, dequantized anew in every batch
    x                                   images that are floats already
    x = G(z), z ~ prior                 a generator in evaluation mode

They are drawn on the host. No batch depends on those drawn before it, so an interrupted critic
continues with the very same batches.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan.datasets._dequantization import dequantize
from tfflowgan.datasets._latents import prior_draws
from tfflowgan.datasets._seeds import READING_ORDER, numpy_generator
from tfflowgan.generators import Generator

__all__ = ["Draw", "each_once", "from_generator", "with_replacement"]

Draw = Callable[[int], np.ndarray]  # from the number of a batch to images [B, H, W, C]


def with_replacement(images: np.ndarray, batch: int, seed: int, stream: int) -> Draw:
    """Batches of images drawn anew each time.

    Args:
      images: `[N, H, W, C]`, uint8 or floating-point in [0, 1].
      batch: images per batch.
      seed: of everything drawn.
      stream: keeps the draws of one seed apart; see `_seeds`.
    """

    def draw(number):
        generator = numpy_generator(seed, stream, number)
        return _floats(images[generator.integers(len(images), size=batch)], generator)

    return draw


def each_once(images: np.ndarray, batch: int, count: int, seed: int, stream: int) -> Draw:
    """`count` batches in which no image occurs twice.

    Args:
      images: at least `count * batch` of them; otherwise as for `with_replacement`.
      batch: images per batch.
      count: batches.
      seed: of everything drawn.
      stream: keeps the draws of one seed apart; see `_seeds`.
    """
    order = numpy_generator(seed, READING_ORDER, stream).permutation(len(images))
    order = order[: count * batch].reshape(count, batch)
    return lambda number: _floats(images[order[number]], numpy_generator(seed, stream, number))


def from_generator(generator: Generator, batch: int, seed: int, stream: int) -> Draw:
    """Batches that a generator draws in evaluation mode.

    It uses its running statistics and does not change them.

    Args:
      generator: draws the images.
      batch: images per batch.
      seed: of everything drawn.
      stream: keeps the draws of one seed apart; see `_seeds`.
    """
    latents = tf.function(lambda seed: prior_draws(generator)(batch, seed), autograph=False)

    def draw(number):
        pair = numpy_generator(seed, stream, number).integers(2**31, size=2, dtype=np.int32)
        return generator.decode(latents(pair))

    return draw


def _floats(images, generator):
    if images.dtype != np.uint8:
        return images
    return dequantize(images, generator.random(images.shape, np.float32))

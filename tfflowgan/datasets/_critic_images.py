"""Batches for an independent critic: each a function of (seed, stream, its number), drawn on the host.

    x = (k + u) / 256, u ~ U[0, 1)      uint8 images, dequantised anew in every batch
    x                                   images that are floats already
    x = G(z), z ~ prior                 a generator in evaluation mode

Nothing depends on what was drawn before, so that an interrupted critic goes on as if it had not been.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets._rounds import prior_draws
from tfflowgan.generators import Generator

__all__ = ["Draw", "each_once", "from_generator", "with_replacement"]

Draw = Callable[[int], np.ndarray]  # from the number of a batch to images [B, H, W, C]

_ORDER = 99  # a stream of its own; callers count theirs from 0


def with_replacement(images: np.ndarray, batch: int, seed: int, stream: int) -> Draw:
    """Batches of images drawn anew each time."""

    def draw(number):
        generator = _random(seed, stream, number)
        return _floats(images[generator.integers(len(images), size=batch)], generator)

    return draw


def each_once(images: np.ndarray, batch: int, count: int, seed: int, stream: int) -> Draw:
    """`count` batches in which no image occurs twice."""
    order = _random(seed, _ORDER, stream).permutation(len(images))[: count * batch].reshape(count, batch)
    return lambda number: _floats(images[order[number]], _random(seed, stream, number))


def from_generator(generator: Generator, batch: int, seed: int, stream: int) -> Draw:
    """Batches that a generator draws in evaluation mode: with its running statistics, and without changing them."""
    latents = tf.function(lambda seed: prior_draws(generator)(batch, seed))
    return lambda number: generator.decode(latents(_random(seed, stream, number).integers(2**31, size=2, dtype=np.int32)))


def _floats(images, generator):
    if images.dtype != np.uint8:
        return images
    noise = generator.random(images.shape, np.float32)
    return units.dequantize(images.astype(np.float32), np.minimum(noise, np.float32(units.NOISE_LIMIT)))


def _random(seed, stream, number):
    return np.random.default_rng([seed, stream, number])

"""Random numbers that are the same in every kind of program: by kernels, under XLA, on any device.

Under XLA, `tf.random.stateless_uniform` and `stateless_normal` give other floating-point numbers
than TensorFlow's kernels do, and `fold_in` gives other seeds where a seed is negative. The random
bits of Philox agree everywhere. So numbers are built from these bits, in the way of the kernels:

    uniform     m / 2^23, with m the lowest 23 bits (52 of two words in float64)
    normal      pairs of uniform u, v:  sqrt(-2 log u) (sin 2 pi v, cos 2 pi v)
    integers    bits mod count

Uniform numbers and integers equal those of the kernels bit for bit, normal numbers within 2e-6.

    Box and Muller (1958), A Note on the Generation of Random Normal Deviates
    Salmon et al. (2011), Parallel Random Numbers: As Easy as 1, 2, 3 (Philox, which gives the bits)
"""

import math
from collections.abc import Sequence

import tensorflow as tf

__all__ = ["fold_in", "integers", "normal", "uniform"]

_LEAST = 1e-7  # smaller u count as this one, as in the kernels


def fold_in(seed: tf.Tensor | tuple, number: int | tf.Tensor) -> tf.Tensor:
    """A new stateless seed, int32 `[2]`, from a seed and a number: `tf.random.fold_in`."""
    return tf.random.fold_in(seed, tf.cast(number, tf.int32), alg="philox")


def uniform(shape: Sequence, seed: tf.Tensor | tuple, dtype: str = "float32") -> tf.Tensor:
    """Uniform numbers in [0, 1).

    Args:
      shape: of the result; a list of integers or scalars, or a tensor.
      seed: stateless, integers `[2]`.
      dtype: "float32" or "float64".
    """
    words = _bits(shape, seed, 2 if dtype == "float64" else 1)
    return tf.reshape(_uniform(words, dtype), shape)


def normal(shape: Sequence, seed: tf.Tensor | tuple, dtype: str = "float32") -> tf.Tensor:
    """Standard normal numbers; arguments as for `uniform`."""
    count = tf.reduce_prod(shape)
    even = [count + count % 2]
    u, v = tf.unstack(tf.reshape(uniform(even, seed, dtype), [-1, 2]), axis=1)
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(u, tf.constant(_LEAST, dtype))))
    angle = tf.constant(2.0 * math.pi, dtype) * v
    pairs = tf.stack([radius * tf.sin(angle), radius * tf.cos(angle)], axis=1)
    return tf.reshape(tf.reshape(pairs, [-1])[:count], shape)


def integers(shape: Sequence, seed: tf.Tensor | tuple, count: int) -> tf.Tensor:
    """Integers int32 in 0..`count` - 1; other arguments as for `uniform`."""
    bits = tf.cast(_bits(shape, seed, 1), tf.int64) & 0xFFFFFFFF
    return tf.reshape(tf.cast(bits % count, tf.int32), shape)


def _bits(shape, seed, words):
    """Random words int32, as many per number of the shape."""
    size = [words * tf.reduce_prod(shape)]
    return tf.random.stateless_uniform(size, seed, None, None, tf.int32, alg="philox")


def _uniform(words, dtype):
    if dtype == "float32":
        return tf.cast(words & 0x7FFFFF, tf.float32) * 2.0**-23
    high, low = tf.unstack(tf.cast(tf.reshape(words, [-1, 2]), tf.int64), axis=1)
    mantissa = (high & 0xFFFFF) * 2**32 + (low & 0xFFFFFFFF)
    return tf.cast(mantissa, tf.float64) * tf.constant(2.0**-52, tf.float64)

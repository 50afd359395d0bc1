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

__all__ = ["fold_in", "fold_in_rows", "integers", "normal", "normal_rows", "uniform"]
__all__ += ["uniform_rows"]

_LEAST = 1e-7  # smaller u count as this one, as in the kernels


def fold_in(seed: tf.Tensor | tuple, number: int | tf.Tensor) -> tf.Tensor:
    """A new stateless seed, int32 `[2]`, from a seed and a number: `tf.random.fold_in`."""
    return tf.random.fold_in(seed, tf.cast(number, tf.int32), alg="philox")


def fold_in_rows(seeds: tf.Tensor, number: int | tf.Tensor) -> tf.Tensor:
    """New stateless seeds, int32 `[B, 2]`; row i is `fold_in(seeds[i], number)`."""
    first = _rows(1, seeds)
    return tf.concat([first, tf.fill(tf.shape(first), tf.cast(number, tf.int32))], axis=1)


def uniform(shape: Sequence, seed: tf.Tensor | tuple, dtype: str = "float32") -> tf.Tensor:
    """Uniform numbers in [0, 1).

    Args:
      shape: of the result; a list of integers or scalars, or a tensor.
      seed: stateless, integers `[2]`.
      dtype: "float32" or "float64".
    """
    return tf.reshape(_uniform(_words(tf.reduce_prod(shape), seed, dtype), dtype), shape)


def normal(shape: Sequence, seed: tf.Tensor | tuple, dtype: str = "float32") -> tf.Tensor:
    """Standard normal numbers; arguments as for `uniform`."""
    count = tf.reduce_prod(shape)
    words = _words(count + count % 2, seed, dtype)
    return tf.reshape(_normal(words, dtype)[:count], shape)


def integers(shape: Sequence, seed: tf.Tensor | tuple, count: int) -> tf.Tensor:
    """Integers int32 in 0..`count` - 1; other arguments as for `uniform`."""
    bits = tf.cast(_words(tf.reduce_prod(shape), seed, "int32"), tf.int64) & 0xFFFFFFFF
    return tf.reshape(tf.cast(bits % count, tf.int32), shape)


def uniform_rows(count: int, seeds: tf.Tensor, dtype: str = "float32") -> tf.Tensor:
    """Rows of uniform numbers, one per seed.

    Args:
      count: numbers per row.
      seeds: int32 `[B, 2]`.
      dtype: "float32" or "float64".

    Returns:
      `[B, count]`; row i is `uniform([count], seeds[i], dtype)`.
    """
    return _uniform(_rows(count * _WORDS[dtype], seeds), dtype)


def normal_rows(count: int, seeds: tf.Tensor, dtype: str = "float32") -> tf.Tensor:
    """Rows of standard normal numbers, one per seed; see `uniform_rows`."""
    return _normal(_rows((count + count % 2) * _WORDS[dtype], seeds), dtype)[:, :count]


_WORDS = {"int32": 1, "float32": 1, "float64": 2}  # per number


def _words(count, seed, dtype):
    """Random words int32, as many as that many numbers take."""
    size = [_WORDS[dtype] * count]
    return tf.random.stateless_uniform(size, seed, None, None, tf.int32, alg="philox")


def _rows(count, seeds):
    """Words int32 `[B, count]`: a loop over the kernel, which draws for one seed."""

    def row(seed):
        return tf.random.stateless_uniform([count], seed, None, None, tf.int32, alg="philox")

    return tf.map_fn(row, seeds, fn_output_signature=tf.TensorSpec([count], tf.int32))


def _uniform(words, dtype):
    """Uniform numbers `[..., N]` of words int32 `[..., N]`, or twice as many in float64."""
    if dtype == "float32":
        return tf.cast(words & 0x7FFFFF, tf.float32) * 2.0**-23
    high, low = (tf.cast(half, tf.int64) for half in (words[..., ::2], words[..., 1::2]))
    mantissa = (high & 0xFFFFF) * 2**32 + (low & 0xFFFFFFFF)
    return tf.cast(mantissa, tf.float64) * tf.constant(2.0**-52, tf.float64)


def _normal(words, dtype):
    """Normal numbers `[..., N]` of as many words as `_uniform` takes; N is even."""
    numbers = _uniform(words, dtype)
    u, v = numbers[..., ::2], numbers[..., 1::2]
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(u, tf.constant(_LEAST, dtype))))
    angle = tf.constant(2.0 * math.pi, dtype) * v
    pairs = tf.stack([radius * tf.sin(angle), radius * tf.cos(angle)], axis=-1)
    return tf.reshape(pairs, tf.shape(numbers))

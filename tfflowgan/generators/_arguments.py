"""The arguments of a generator's methods: shapes, and seeds of single images."""

import operator

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError, in_python_words

__all__ = ["check_shape", "checked_seeds", "image_seeds", "monitor_seeds"]


def check_shape(tensor: tf.Tensor, event_shape: tuple[int, ...], argument: str) -> None:
    """Raises `ValueError`, naming the argument, unless a tensor's shape is `[B, *event_shape]`."""
    rank = len(event_shape) + 1
    if tensor.shape.rank != rank or not tensor.shape[1:].is_compatible_with(event_shape):
        expected = f"(B, {', '.join(map(str, event_shape))})"
        raise ValueError(f"{argument} has shape {_shown(tensor)} but must have shape {expected}.")


def _shown(tensor):
    return "of unknown rank" if tensor.shape.rank is None else tuple(tensor.shape)


def checked_seeds(n: int, seed: int, temperature: float) -> tf.Tensor:
    """Returns `image_seeds(seed, n)`, after the checks of what `sample` is given.

    Raises:
      ValueError: an argument is out of range.
    """
    if tf.is_symbolic_tensor(n):
        return image_seeds(seed, n)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise ValueError(f"n={n!r} must be a whole number of images, at least 0.")
    if not tf.is_symbolic_tensor(temperature):
        number = np.asarray(temperature)
        if number.ndim or number.dtype.kind not in "iuf" or not 0 <= number < np.inf:
            raise ValueError(f"temperature={temperature!r} must be one number, at least 0.")
    with in_python_words():
        return image_seeds(seed, n)


def image_seeds(seed: int, n: int) -> tf.Tensor:
    """Returns the seeds of images 0 to n - 1: seed * 2^32 + i, int64 `[n]`.

    Args:
      seed: 0 to 2^31 - 1.
      n: number of images.

    Raises:
      UserError: `seed` is not a whole number or out of range.
    """
    return tf.constant(_checked(seed) << 32, tf.int64) + tf.range(n, dtype=tf.int64)


def monitor_seeds(seed: int, n: int) -> tf.Tensor:
    """Returns the seeds of the samples that a run scores: (seed - 2^31) * 2^32 + i, int64 `[n]`.

    They choose the weights with the best score, so nothing else may draw from them: a score on the
    samples that chose the weights is too high. All are negative, and those of `image_seeds` are
    not, whatever its seed.

    Args:
      seed: the run's, 0 to 2^31 - 1.
      n: number of images.

    Raises:
      UserError: `seed` is not a whole number or out of range.
    """
    first = (_checked(seed) - 2**31) << 32
    return tf.constant(first, tf.int64) + tf.range(n, dtype=tf.int64)


def _checked(seed: int) -> int:
    try:
        seed = operator.index(seed)  # shifting a NumPy int32 by 32 bits would give 0
    except TypeError:
        raise UserError(f"--seed={seed} must be a whole number.") from None
    if not 0 <= seed < 2**31:
        raise UserError(f"--seed={seed} must lie in 0..{2**31 - 1}.")
    return seed

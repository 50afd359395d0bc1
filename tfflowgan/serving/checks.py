"""Checks of a signature's inputs inside the graph: shapes, lengths and values."""

from collections.abc import Sequence

import tensorflow as tf

__all__ = ["checked", "per_row", "shaped"]


def shaped(tensor: tf.Tensor, shape: Sequence[int | None], name: str) -> tf.Tensor:
    """The tensor, with its shape checked when the graph runs.

    It must have at least one row, which TensorFlow's merged convolutions need. TensorFlow would
    optimize away a check of a shape that it knows while tracing, even of a rank. `EnsureShape`
    stays if its input's shape is unknown, and its message names that input.
    """
    unknown = tf.raw_ops.PlaceholderWithDefault(
        input=tensor, shape=tf.TensorShape(None), name=f"given_{name}"
    )
    tensor = tf.ensure_shape(unknown, shape)
    check = tf.debugging.Assert(tf.shape(tensor)[0] > 0, [f"{name} must have at least one row"])
    with tf.control_dependencies([check]):
        return tf.identity(tensor)


def per_row(values: tf.Tensor, others: tf.Tensor, name: str) -> tf.Tensor:
    """Values `[B]`, one per row of `others`."""
    values = shaped(values, [None], name)
    rows = [tf.shape(values)[0], tf.shape(others)[0]]
    sentence = f"{name} must have one value per row of the batch; values and rows:"
    check = tf.debugging.Assert(tf.equal(*rows), [sentence, *rows])
    with tf.control_dependencies([check]):
        return tf.identity(values)


def checked(tensor: tf.Tensor, good: tf.Tensor, sentence: str) -> tf.Tensor:
    """The tensor, or an error that gives the sentence and the first row with a bad value.

    Args:
      tensor: `[B, ...]`.
      good: bool, of the tensor's shape.
      sentence: what must hold.
    """
    rows = tf.reduce_all(good, axis=list(range(1, good.shape.rank)))
    bad = tf.where(~rows)[:1, 0]
    message = f"{sentence}; the first row of the batch that breaks this:"
    check = tf.debugging.Assert(tf.reduce_all(rows), [message, bad])
    with tf.control_dependencies([check]):
        return tf.identity(tensor)

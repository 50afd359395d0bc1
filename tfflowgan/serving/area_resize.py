"""Cut the centre of a picture and resize it by area, in the graph, as `images.read.pixels` does.

Pillow's `ImageOps.fit` with its box filter, level for level. Along an axis, output i averages the n
inputs x whose centres lie in its window of the cut [a, b):

    s = max((b - a) / size, 1),  c_i = a + (i + 1/2) (b - a) / size
    -1/2 < (x + 1/2 - c_i) / s <= 1/2
    output = floor((k_n sum_x input_x + 2^21) / 2^22),  k_n = floor(2^22 / n + 1/2)

The columns come first and are rounded to 8 bits; then the rows. Pillow keeps a and b in float32 and
the rest in float64, and takes the rows first where a picture is over 100 times as tall as wide.
Sums of levels are exact in float32 up to 2^24, which is 65,793 of them.
"""

import tensorflow as tf

__all__ = ["cut_and_resize"]

_BITS = 22  # of Pillow's fixed-point weights


def cut_and_resize(picture: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """The centre of a picture in the shape of another, resized by area.

    Args:
      picture: uint8 `[h, w, C]`, both sides at most 65,535.
      height: of the result.
      width: of the result.

    Returns:
      uint8 `[height, width, C]`.
    """
    rows, columns = tf.unstack(tf.shape(picture)[:2])
    (top, bottom), (left, right) = _cut(rows, columns, width / height)
    levels = tf.cast(tf.transpose(picture, [2, 0, 1]), tf.float32)

    def across(levels):
        return _averaged(levels, _windows(columns, left, right, width))

    def down(levels):
        turned = tf.transpose(levels, [0, 2, 1])
        return tf.transpose(_averaged(turned, _windows(rows, top, bottom, height)), [0, 2, 1])

    tall = (rows > 100 * columns) & (height < rows)
    levels = tf.cond(tall, lambda: across(down(levels)), lambda: down(across(levels)))
    resized = tf.cast(tf.transpose(levels, [1, 2, 0]), tf.uint8)
    return tf.ensure_shape(resized, [height, width, picture.shape[-1]])


def _cut(rows, columns, ratio):
    """The largest centred cut of an aspect ratio: ((top, bottom), (left, right)), float32."""
    rows, columns = tf.cast(rows, tf.float64), tf.cast(columns, tf.float64)
    own = columns / rows
    ratio = _kept(ratio)
    cut_columns = tf.where(own > ratio, ratio * rows, columns)
    cut_rows = tf.where(own < ratio, columns / ratio, rows)
    top, left = (rows - cut_rows) * 0.5, (columns - cut_columns) * 0.5
    ends = [(top, top + cut_rows), (left, left + cut_columns)]
    return [tuple(tf.cast(end, tf.float32) for end in pair) for pair in ends]


def _windows(count, low, high, size):
    """Which of `count` inputs each of `size` outputs averages: 0 or 1, float32 `[count, size]`."""
    scale = tf.cast(high - low, tf.float64) / _kept(size)
    wide = tf.maximum(scale, 1.0)
    centres = tf.cast(low, tf.float64) + (tf.range(size, dtype=tf.float64) + 0.5) * scale
    first = tf.maximum(tf.cast(centres - 0.5 * wide + 0.5, tf.int32), 0)
    end = tf.minimum(tf.cast(centres + 0.5 * wide + 0.5, tf.int32), count)
    inputs = tf.range(count)[:, tf.newaxis]
    distance = (tf.cast(inputs, tf.float64) - centres + 0.5) * (1.0 / wide)
    within = (inputs >= first) & (inputs < end) & (distance > -0.5) & (distance <= 0.5)
    return tf.cast(within, tf.float32)


def _averaged(levels, windows):
    """Levels `[C, N, count]` averaged over windows `[count, size]`, as float32 `[C, N, size]`."""
    sums = tf.cast(tf.matmul(levels, windows), tf.int32)
    counts = tf.cast(tf.maximum(tf.reduce_sum(windows, axis=0), 1.0), tf.float64)
    weights = tf.cast(0.5 + (1.0 / counts) * 2.0**_BITS, tf.int32)
    return tf.cast(tf.bitwise.right_shift(sums * weights + 2 ** (_BITS - 1), _BITS), tf.float32)


def _kept(number):
    """A float64 number to divide by; of a constant, TensorFlow would take the reciprocal."""
    return tf.raw_ops.PlaceholderWithDefault(input=tf.constant(number, tf.float64), shape=[])

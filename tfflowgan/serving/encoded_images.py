"""JPEG and PNG files as a model's images, in the graph, as `tfflowgan.images.read` reads them.

    refused            files that Python would convert first (`tfflowgan.images.encoded`)
    decoded            with the decoder's exact inverse cosine transform, as Pillow does
    grey               floor((19595 R + 38470 G + 7471 B + 2^15) / 2^16), Pillow's luma
    cut and resized    see `tfflowgan.serving.area_resize`

A PNG gives exactly the pixels that Python reads. A JPEG does where both decoders are of the same
library, as libjpeg-turbo is in TensorFlow and in Pillow's wheels.
"""

from collections.abc import Sequence

import tensorflow as tf

from tfflowgan.images.encoded import RULES
from tfflowgan.serving.area_resize import cut_and_resize
from tfflowgan.serving.checks import checked
from tfflowgan.serving.encoded_rules import broken_rules, is_png

__all__ = ["decoded"]

_AT_A_TIME = 4  # files decoded at once, which bounds the memory


def decoded(contents: tf.Tensor, image_shape: Sequence[int], name: str) -> tf.Tensor:
    """Images of files, or an error that gives the rule that one breaks, and its row.

    Args:
      contents: whole files, strings `[B]`.
      image_shape: (H, W, C) of the images, C 1 or 3.
      name: of the input, for the message.

    Returns:
      uint8 `[B, H, W, C]`.
    """
    height, width, channels = image_shape
    broken = broken_rules(contents)
    for i, rule in enumerate(RULES):
        contents = checked(contents, tf.not_equal(broken, i), f"{name} {rule}")

    def read(content):
        picture = tf.cond(
            is_png(content),
            lambda: tf.io.decode_png(content, channels=3),
            lambda: tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE"),
        )
        picture = _grey(picture) if channels == 1 else picture
        return cut_and_resize(picture, height, width)

    signature = tf.TensorSpec([height, width, channels], tf.uint8)
    return tf.map_fn(read, contents, fn_output_signature=signature, parallel_iterations=_AT_A_TIME)


def _grey(picture):
    """Grey `[h, w, 1]` of colours `[h, w, 3]`, both uint8."""
    red, green, blue = (tf.cast(picture[..., i : i + 1], tf.int32) for i in range(3))
    luma = red * 19595 + green * 38470 + blue * 7471 + 2**15
    return tf.cast(tf.bitwise.right_shift(luma, 16), tf.uint8)

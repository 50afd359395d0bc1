"""Reading a prepared TFDS dataset into memory as NumPy arrays."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan.datasets._splits import Split

__all__ = ["read_split"]


def read_split(builder, split: str, image: Callable | None = None) -> Split:
    """Reads one split.

    Args:
      builder: a prepared TFDS builder.
      split: its name there.
      image: applied to every decoded image `uint8 [H, W, C]`.
    """
    has_label = "label" in builder.info.features

    def example(features):
        pixels = features["image"] if image is None else image(features["image"])
        return pixels, features["label"] if has_label else tf.constant(-1, tf.int64)

    dataset = builder.as_dataset(split=split, shuffle_files=False).map(example, tf.data.AUTOTUNE).batch(1000)
    images, labels = zip(*dataset.as_numpy_iterator(), strict=True)
    return Split(np.concatenate(images), np.concatenate(labels) if has_label else None)

"""Where a run computes: MirroredStrategy over all GPUs, or over the one CPU."""

import tensorflow as tf

__all__ = ["build_strategy"]


def build_strategy() -> tf.distribute.Strategy:
    """MirroredStrategy over every visible GPU, or of one device on a machine without."""
    gpus = tf.config.list_logical_devices("GPU")
    return tf.distribute.MirroredStrategy([d.name for d in gpus] or ["/cpu:0"])

"""A run on disk: its files, checkpoints, weights and provenance."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

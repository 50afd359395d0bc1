"""Metrics: scores, distances and densities, and the standard errors of all of them."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

"""Metrics: scores, distances, densities and their standard errors, each a function of arrays or of a model."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

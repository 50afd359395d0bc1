"""Training: one model with one training loop, whatever the objective; runs that continue where they were stopped."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

"""Training: one model and one training loop for every objective; runs resume where they stopped."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

"""Likelihood: bits per dimension, high for what the model finds unlikely.

    score = 8 - log p(x) / (D log 2),  the mean over the draws of the noise

It finds other kinds of images, noise and dirt, and misses what is simpler than the training images:
an empty picture is more likely than any of them (docs/concepts/density.md).
"""

import numpy as np

from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays

__all__ = ["pixel_map", "score"]


def score(batch: Batch, fitted: Arrays) -> np.ndarray:
    """Bits per dimension, float64 `[B]`."""
    return batch.bits_per_dim


def pixel_map(batch: Batch, fitted: Arrays) -> np.ndarray:
    """Nats of NLL of each pixel, `[B, H, W]`: the terms of its values, mean over the draws."""
    return batch.terms.mean(axis=1).sum(axis=-1)

"""Typicality: how far an image's bits per dimension are from those of training images.

    score = |bits/dim - m|,  m the mean over training images

(After Nalisnick et al., 2019, for single images.) It finds images that are too likely as well, such
as empty ones, and is worse than likelihood where all unusual images are unlikely.
"""

import numpy as np

from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays

__all__ = ["Fit", "score"]


class Fit:
    """The mean bits/dim of training images."""

    def __init__(self):
        """Starts without images."""
        self._sum, self._count = 0.0, 0

    def update(self, batch: Batch) -> None:
        """Takes a batch of training images."""
        self._sum += float(batch.bits_per_dim.sum())
        self._count += len(batch)

    def result(self) -> Arrays:
        """`mean`, float64 `[]`."""
        return {"mean": np.array(self._sum / self._count)}


def score(batch: Batch, fitted: Arrays) -> np.ndarray:
    """The distance from the mean in bits/dim, float64 `[B]`."""
    return np.abs(batch.bits_per_dim - fitted["mean"])

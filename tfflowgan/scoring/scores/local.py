"""Local: how unlikely the least likely place of the image is, compared with that place usually.

    b_p      bits/dim of pixel p, the mean over the draws; its terms of the log-density are exact if
             no channels are mixed (`tfflowgan.bijectors.positions`), and the mean of b_p over p is
             the likelihood's score
    t_p      (b_p - mean_p) / deviation_p    mean and deviation over training images
    score    max over p of (G * t)_p         G a Gaussian of 1/45 of the image's longer side

A small defect is lost in the likelihood among the noise of all other pixels, and stands out here.
Of photos of things that always stand at the same place, mean_p and deviation_p know where edges are
and where it is always even.
"""

import numpy as np
import scipy.ndimage

from tfflowgan import units
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays

__all__ = ["BY_PLACE", "Fit", "pixel_map", "score"]

BY_PLACE = True
_WIDTH = 1 / 45  # deviation of the Gaussian, in longer sides of the image
_LEAST = 0.1  # least deviation of a pixel, in medians of all deviations


class Fit:
    """Mean and deviation of each pixel's bits/dim, by Welford's recurrence for batches."""

    def __init__(self):
        """Starts without images."""
        self._count, self._mean, self._squares = 0, np.zeros(()), np.zeros(())

    def update(self, batch: Batch) -> None:
        """Takes a batch of training images."""
        bits, before = _bits(batch), self._count
        self._count += len(bits)
        mean = bits.mean(axis=0)
        away = mean - self._mean
        self._mean = self._mean + away * len(bits) / self._count
        self._squares = (
            self._squares
            + ((bits - mean) ** 2).sum(axis=0)
            + away**2 * before * len(bits) / self._count
        )

    def result(self) -> Arrays:
        """`mean` and `deviation`, float32 `[H, W]`."""
        deviation = np.sqrt(self._squares / self._count)
        least = np.maximum(_LEAST * np.median(deviation), np.finfo(np.float32).tiny)
        kept = {"mean": self._mean, "deviation": np.maximum(deviation, least)}
        return {name: value.astype(np.float32) for name, value in kept.items()}


def score(batch: Batch, fitted: Arrays) -> np.ndarray:
    """The greatest value of the map, float64 `[B]`."""
    return pixel_map(batch, fitted).max(axis=(1, 2))


def pixel_map(batch: Batch, fitted: Arrays) -> np.ndarray:
    """Deviations from what is usual around each pixel, `[B, H, W]`."""
    unlikely = (_bits(batch) - fitted["mean"]) / fitted["deviation"]
    width = _WIDTH * max(unlikely.shape[1:])
    return scipy.ndimage.gaussian_filter(unlikely, (0, width, width))


def _bits(batch):
    """Bits per dimension of each pixel, `[B, H, W]`."""
    return units.bits_per_dim(-batch.terms.mean(axis=(1, 4)), 1)

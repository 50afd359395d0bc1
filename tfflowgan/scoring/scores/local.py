"""Local: bits per dimension at the least likely place of the image.

    score = max over places of (G * b),    b the bits/dim of each pixel, the mean over the draws

G is a Gaussian of a twentieth of the image's longer side, so a place is a spot of about a tenth of
the image. The terms of the log-density belong to pixels, exactly (`tfflowgan.bijectors.positions`);
their mean over the whole image is the likelihood's score. A small defect is lost in that mean among
the noise of all other pixels, and stands out here.

Of twenty ways to summarize such maps (terms or squared latents, plain or relative to training
images by place, three widths), this was the best or as good as the best on made defects of photos,
and it needs nothing of the training images. docs/photos.md has the measurement.
"""

import numpy as np
import scipy.ndimage

from tfflowgan import units
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays

__all__ = ["BY_PLACE", "pixel_map", "score"]

BY_PLACE = True
_WIDTH = 1 / 20  # deviation of the Gaussian, in longer sides of the image


def score(batch: Batch, fitted: Arrays) -> np.ndarray:
    """Bits per dimension at the least likely place, float64 `[B]`."""
    return pixel_map(batch, fitted).max(axis=(1, 2))


def pixel_map(batch: Batch, fitted: Arrays) -> np.ndarray:
    """Bits per dimension around each pixel, `[B, H, W]`."""
    bits = units.bits_per_dim(-batch.terms.mean(axis=(1, 4)), 1)
    width = _WIDTH * max(bits.shape[1:])
    return scipy.ndimage.gaussian_filter(bits, (0, width, width))

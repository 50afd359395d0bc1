"""Complexity: bits per dimension beyond what a lossless compressor needs for the same pixels.

    score = bits/dim - 8 (bytes of the image as a PNG file) / D

(After Serra et al., 2020, who use PNG, FLIF and JPEG 2000.) It finds images that are simpler than
the training images, and takes blurred ones for usual, whose files are not small. The pixels are
those that the model sees; the headers of a PNG file count, the same for all images of one size.
"""

import io

import numpy as np
from PIL import Image

from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays

__all__ = ["png_bits_per_dim", "score"]


def score(batch: Batch, fitted: Arrays) -> np.ndarray:
    """The difference in bits/dim, float64 `[B]`."""
    return batch.bits_per_dim - png_bits_per_dim(batch.images)


def png_bits_per_dim(images: np.ndarray) -> np.ndarray:
    """What pixels cost as PNG files, their headers included.

    Args:
      images: uint8 `[B, H, W, C]`, C 1 or 3.

    Returns:
      Bits per dimension, float64 `[B]`.
    """
    sizes = []
    for pixels in images:
        file = io.BytesIO()
        picture = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
        Image.fromarray(picture).save(file, "png", optimize=True)
        sizes.append(8.0 * file.tell() / pixels.size)
    return np.array(sizes)

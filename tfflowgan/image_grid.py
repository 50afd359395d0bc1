"""Arrange images in a grid and write it as a PNG file."""

import math
import pathlib

import numpy as np
from PIL import Image

from tfflowgan import units

__all__ = ["grid", "save_grid"]


def grid(images: np.ndarray, columns: int | None = None, gap: int = 1) -> np.ndarray:
    """Arranges images row by row on a white background.

    Args:
      images: `[N, H, W, C]` in [0, 1], C 1 or 3; values outside are clipped.
      columns: images per row; None makes the grid approximately square.
      gap: pixels between images.

    Returns:
      uint8, `[rows (H + gap) + gap, columns (W + gap) + gap, C]`.
    """
    count, height, width, channels = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    canvas = np.full(
        (rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 255, np.uint8
    )
    for i, pixels in enumerate(units.quantize(np.asarray(images))):
        top = (i // columns) * (height + gap) + gap
        left = (i % columns) * (width + gap) + gap
        canvas[top : top + height, left : left + width] = pixels
    return canvas


def save_grid(
    path: pathlib.Path, images: np.ndarray, columns: int | None = None, scale: int = 2
) -> None:
    """Writes `grid(images, columns)` as a PNG file.

    Args:
      path: the file.
      images: as in `grid`.
      columns: as in `grid`.
      scale: enlarges each pixel to `scale` x `scale` pixels.
    """
    canvas = grid(images, columns).repeat(scale, axis=0).repeat(scale, axis=1)
    Image.fromarray(canvas[..., 0] if canvas.shape[-1] == 1 else canvas).save(path)

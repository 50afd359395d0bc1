"""Blocks of samples side by side, with captions, cut from pictures with more of them.

A picture of `bin/evaluate --evaluations=sample_scores` holds 100 samples of H x W pixels, 10 per
row, with a gap of one pixel around each. A block is its first 5 rows and 8 columns.
"""

import pathlib

from PIL import Image, ImageDraw, ImageFont

__all__ = ["compose"]

_ROWS, _COLUMNS = 5, 8
_GAP = 1  # pixels around a sample
_BETWEEN = 12  # pixels between blocks
_CAPTION = 24  # pixels of height
_FONT = 15  # pixels


def compose(blocks: list[tuple[str, pathlib.Path, list[int]]]) -> Image.Image:
    """One picture of several blocks, each below its caption.

    Args:
      blocks: caption, file of a picture, and shape (H, W, C) of its samples.

    Returns:
      A picture in colours.
    """
    cut = [(caption, _block(path, shape)) for caption, path, shape in blocks]
    width = sum(block.width for _, block in cut) + _BETWEEN * (len(cut) - 1)
    height = _CAPTION + max(block.height for _, block in cut)
    picture = Image.new("RGB", (width, height), "white")
    pen, font, left = ImageDraw.Draw(picture), ImageFont.load_default(_FONT), 0
    for caption, block in cut:
        picture.paste(block, (left, _CAPTION))
        middle = (left + block.width / 2, _CAPTION / 2)
        pen.text(middle, caption, fill="black", font=font, anchor="mm")
        left += block.width + _BETWEEN
    return picture


def _block(path, shape):
    """The first rows and columns of a picture; fewer where it has no more."""
    height, width, _ = shape
    with Image.open(path) as image:
        right = min(image.width, _COLUMNS * (width + _GAP) + _GAP)
        bottom = min(image.height, _ROWS * (height + _GAP) + _GAP)
        return image.convert("RGB").crop((0, 0, right, bottom))

"""Blocks of samples side by side, with captions, cut from pictures with more of them.

A picture of `bin/evaluate --evaluations=sample_scores` holds 10 samples of H x W pixels per row,
with a gap of one pixel around each, and all of it enlarged k times. A block is its first 5 rows and
8 columns.
"""

import pathlib

from PIL import Image, ImageDraw, ImageFont

__all__ = ["compose"]

_ROWS, _COLUMNS = 5, 8
_IN_A_ROW = 10  # samples of the whole picture
_GAP = 1  # all in pixels before they are enlarged: around a sample,
_BETWEEN = 12  # between blocks,
_CAPTION = 22  # height of a caption
_FONT = 14  # and of its font


def compose(blocks: list[tuple[str, pathlib.Path, list[int]]]) -> Image.Image:
    """One picture of several blocks, each below its caption.

    Args:
      blocks: caption, file of a picture, and shape (H, W, C) of its samples; all equally enlarged.

    Returns:
      A picture in colours.
    """
    cut = [(caption, *_block(path, shape)) for caption, path, shape in blocks]
    scale = cut[0][2]
    width = sum(block.width for _, block, _ in cut) + scale * _BETWEEN * (len(cut) - 1)
    top = scale * _CAPTION
    picture = Image.new("RGB", (width, top + max(block.height for _, block, _ in cut)), "white")
    pen, font, left = ImageDraw.Draw(picture), ImageFont.load_default(scale * _FONT), 0
    for caption, block, _ in cut:
        picture.paste(block, (left, top))
        middle = (left + block.width / 2, top / 2)
        pen.text(middle, caption, fill="black", font=font, anchor="mm")
        left += block.width + scale * _BETWEEN
    return picture


def _block(path: pathlib.Path, shape: list[int]) -> tuple[Image.Image, int]:
    """The first rows and columns of a picture, fewer where it has no more, and its k."""
    height, width, _ = shape
    with Image.open(path) as image:
        scale = max(1, image.width // (_IN_A_ROW * (width + _GAP) + _GAP))
        right = min(image.width, scale * (_COLUMNS * (width + _GAP) + _GAP))
        bottom = min(image.height, scale * (_ROWS * (height + _GAP) + _GAP))
        return image.convert("RGB").crop((0, 0, right, bottom)), scale

"""Small copies of pictures, for a table in which each has a line.

PAPER/NAME.png or .jpg    ->  PAPER/NAME.small.jpg, at most 240 x 180 pixels and 12,000 bytes
"""

import io
import pathlib

from PIL import Image

__all__ = ["thumbnail", "write_thumbnail"]

_SIZE = (240, 180)
_MAX_BYTES = 12_000


def thumbnail(picture: pathlib.Path) -> pathlib.Path:
    """Where the small copy of a picture is."""
    return picture.with_suffix(".small.jpg")


def write_thumbnail(picture: pathlib.Path) -> None:
    """Writes the small copy of a picture."""
    with Image.open(picture) as image:
        small = image.convert("RGB")
    small.thumbnail(_SIZE, Image.Resampling.LANCZOS)
    for quality in (85, 70, 55, 40, 25):
        buffer = io.BytesIO()
        small.save(buffer, format="jpeg", quality=quality, optimize=True)
        if len(buffer.getvalue()) <= _MAX_BYTES:
            break
    thumbnail(picture).write_bytes(buffer.getvalue())

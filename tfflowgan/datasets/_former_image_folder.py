"""How version 0.1.0 read a folder of images, kept for the runs that it began.

It read the files of eight endings, hidden ones in hidden folders too, did not follow links to
folders, took transparent pixels in the colour hidden below them and the first frame of a file, and
split exact copies like any images.
"""

import pathlib

import numpy as np
from PIL import Image, ImageOps

from tfflowgan.errors import UserError

__all__ = ["read_folder"]

_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
_GREY = {"1", "L", "LA", "La"}
_DEEP = ("I", "F")  # also the start of "I;16": more than 8 bits per value


def read_folder(folder: pathlib.Path, image_size: int | None = None) -> np.ndarray:
    """Reads all images below a folder.

    Args:
      folder: where to look, sub-folders included.
      image_size: side of the square to cut and resize to, or None to take the images as they are.

    Returns:
      `uint8 [N, H, W, C]` with C 1 or 3.

    Raises:
      UserError: no image, one that cannot be read, or one of another size.
    """
    paths = [p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS]
    paths = sorted(p for p in paths if not p.name.startswith("."))
    if not paths:
        raise UserError(f"{folder} has no images (files ending in {', '.join(sorted(_ENDINGS))}).")
    mode = "L" if {_mode(p) for p in paths} <= _GREY else "RGB"
    images: list[np.ndarray] = []
    for path in paths:
        pixels = _read(path, mode, image_size)
        if images and pixels.shape != images[0].shape:
            sizes = ["x".join(map(str, a.shape[1::-1])) for a in (pixels, images[0])]
            raise UserError(
                f"{path} is {sizes[0]} where {paths[0].name} is {sizes[1]}; give --image_size to "
                "cut and resize all."
            )
        images.append(pixels)
    return np.stack(images)


def _mode(path: pathlib.Path) -> str:
    try:
        with Image.open(path) as image:
            mode = image.mode
    except (OSError, Image.DecompressionBombError):
        raise _unreadable(path) from None
    if mode.startswith(_DEEP):
        raise UserError(
            f"{path} has more than 8 bits per value (mode {mode}); convert it to 8 bits first."
        )
    return mode


def _read(path: pathlib.Path, mode: str, image_size: int | None) -> np.ndarray:
    try:
        with Image.open(path) as image:
            image = ImageOps.exif_transpose(image).convert(mode)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _unreadable(path) from None
    if image_size is not None:
        image = ImageOps.fit(image, (image_size, image_size), Image.Resampling.BOX)
    pixels = np.asarray(image)
    return pixels[..., None] if mode == "L" else pixels


def _unreadable(path: pathlib.Path) -> UserError:
    return UserError(f"{path} cannot be read as an image; replace it or take it out of the folder.")

"""Any folder of images: `--dataset=image_folder --data_dir=DIR --image_size=32`.

Every image below the folder is read. With `--image_size` its centre square is cut out and resized
by area; without it all images must have one size. They are greyscale if all files are, otherwise
RGB. Eight tenths are for training, one for validation, one for testing; a hash of the pixels
chooses, so the names of the files do not matter.
"""

import pathlib

import numpy as np
from PIL import Image, ImageOps

from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split, Splits, hold_out
from tfflowgan.errors import UserError

__all__ = ["ANY_SIZE", "load", "read_folder"]

ANY_SIZE = True

_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
_GREY = {"1", "L", "LA", "La"}
_DEEP = (
    "I",
    "F",
)  # also the start of "I;16": more than 8 bits per value, which converting would cut off
_LEAST = 10


def load(request: Request) -> Splits:
    """Loads a folder; see `tfflowgan.datasets.load`."""
    if request.data_source not in ("auto", "local"):
        raise UserError(
            f"--data_source={request.data_source} does not exist for --dataset=image_folder; it "
            "can be auto, local."
        )
    folder = request.folder()
    if folder is None:
        raise UserError("--dataset=image_folder needs --data_dir, the folder of images.")
    images = read_folder(folder, request.image_size)
    if len(images) < _LEAST:
        raise UserError(
            f"--data_dir={folder} has {len(images)} images; at least {_LEAST} are needed for three "
            "splits."
        )
    tenth = len(images) // 10
    test, rest = hold_out(Split(images), tenth)
    held_out, train = rest.first(tenth), rest.take(np.arange(tenth, len(rest)))
    return Splits(request.name, f"folder {folder.name}", train, held_out, test)


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

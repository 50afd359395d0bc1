"""Any folder of images: `--dataset=image_folder --data_dir=DIR --image_size=32`.

Every image below the folder is read (see `tfflowgan.images`). With `--image_size` its centre square
is cut out and resized by area; without it all images must have one size. They are greyscale if all
files are, otherwise RGB. Eight tenths are for training, one for validation, one for testing; a hash
of the pixels chooses, so the names of the files do not matter.
"""

import pathlib

import numpy as np

from tfflowgan.datasets import _former_image_folder
from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split, Splits, hold_out
from tfflowgan.errors import UserError
from tfflowgan.images import folder as image_files

__all__ = ["ANY_SIZE", "FRAMES", "load", "load_formerly", "read_folder"]

ANY_SIZE = True
FRAMES = True

_LEAST = 10


def load(request: Request) -> Splits:
    """Loads a folder; see `tfflowgan.datasets.load`."""
    folder = _folder(request)
    images = read_folder(folder, request.image_size, request.frames)
    return _in_tenths(request, images)


def read_folder(
    folder: pathlib.Path, image_size: int | None = None, frames: str = "all"
) -> np.ndarray:
    """The images of a folder, `uint8 [N, H, W, C]`; see `tfflowgan.images.folder.read_folder`."""
    return image_files.read_folder(folder, image_size, frames).images


def load_formerly(request: Request) -> Splits:
    """Loads a folder as version 0.1.0 did, for a run that it began."""
    images = _former_image_folder.read_folder(_folder(request), request.image_size)
    return _in_tenths(request, images)


def _folder(request):
    if request.data_source not in ("auto", "local"):
        raise UserError(
            f"--data_source={request.data_source} does not exist for --dataset=image_folder; it "
            "can be auto, local."
        )
    folder = request.folder()
    if folder is None:
        raise UserError("--dataset=image_folder needs --data_dir, the folder of images.")
    return folder


def _in_tenths(request, images):
    folder = request.folder()
    if len(images) < _LEAST:
        raise UserError(
            f"--data_dir={folder} has {len(images)} images; at least {_LEAST} are needed for three "
            "splits."
        )
    tenth = len(images) // 10
    test, rest = hold_out(Split(images), tenth)
    held_out, train = rest.first(tenth), rest.take(np.arange(tenth, len(rest)))
    return Splits(request.name, f"folder {folder.name}", train, held_out, test)

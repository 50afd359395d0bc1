"""Several sets of images, each a folder or an `.npy` file, made comparable pixel by pixel.

They must have one size and one number of channels. Grey images that were saved as RGB, with three
equal channels, are grey: they are compared with grey images as such.
"""

import logging
import pathlib

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.images.folder import FRAMES, read_folder
from tfflowgan.images.npy import read_npy

__all__ = ["read_sets"]

_log = logging.getLogger(__name__)
_BLOCK = 1 << 24  # values that are looked at at a time


def read_sets(
    paths: dict[str, pathlib.Path], image_size: int | None = None, frames: str = "all"
) -> dict[str, np.ndarray]:
    """Reads sets of images.

    Args:
      paths: a folder of images or an `.npy` file for each name; the first is what the others are
        compared with. Names are those of flags, for messages.
      image_size: side of the square to cut and resize to, or None to take the images as they are.
      frames: "all" frames of a file that holds several, or "refuse" such files.

    Returns:
      `uint8 [N, H, W, C]` each, C 1 or 3, of one shape but for N.

    Raises:
      UserError: there are no such images, or they differ in size or colour.
    """
    if frames not in FRAMES:
        raise UserError(f"--frames={frames} is not known; it can be {', '.join(FRAMES)}.")
    for name, path in paths.items():
        if not path.is_dir() and not (path.is_file() and path.suffix == ".npy"):
            raise UserError(f"--{name}={path} is neither a folder nor an .npy file.")
    images = {
        name: read_folder(path, image_size, frames).images
        if path.is_dir()
        else read_npy(path, image_size)
        for name, path in paths.items()
    }
    _check_sizes(paths, images)
    return _of_one_colour(paths, images)


def _check_sizes(paths, images):
    sizes = {name: f"{array.shape[2]}x{array.shape[1]}" for name, array in images.items()}
    first = next(iter(sizes))
    for name, size in sizes.items():
        if size != sizes[first]:
            raise UserError(
                f"the images in --{first}={paths[first]} are {sizes[first]} and those in "
                f"--{name}={paths[name]} are {size}; give --image_size to crop and resize all."
            )


def _of_one_colour(paths, images):
    """The same sets; where one is grey, others of three equal channels become grey."""
    if len({array.shape[-1] for array in images.values()}) == 1:
        return images
    first = next(iter(images))
    result, kinds = {}, {}
    for name, array in images.items():
        grey = array if array.shape[-1] == 1 else _grey(array)
        result[name], kinds[name] = (array, "in colour") if grey is None else (grey, "grey")
        if kinds[name] != kinds[first]:
            raise UserError(
                f"the images in --{first}={paths[first]} are {kinds[first]} and those in "
                f"--{name}={paths[name]} are {kinds[name]}; convert one of them."
            )
        if grey is not None and grey is not array:
            _log.info("%s: grey saved as RGB, compared as grey.", paths[name])
    return result


def _grey(images):
    """One channel of images whose three channels are equal; None if they are not."""
    step = max(1, _BLOCK // int(np.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        block = images[start : start + step]
        if (block != block[..., :1]).any():
            return None
    channel = images[..., :1]
    return channel if isinstance(images, np.memmap) else np.ascontiguousarray(channel)

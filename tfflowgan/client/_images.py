"""Image files as the client sends them, read as training, commands and the demo read them."""

import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np

from tfflowgan.client._errors import WrongInput
from tfflowgan.errors import SetupError

__all__ = ["read_images"]


def read_images(paths: Iterable[str | os.PathLike], image_shape: Sequence[int]) -> np.ndarray:
    """Reads image files for `Client.bits_per_dim`; needs Pillow, which the rest of it does not.

    Args:
      paths: of the files, one image each.
      image_shape: the model's (H, W, C), to which the centre of an image is cut and resized.

    Returns:
      uint8 `[N, H, W, C]`.

    Raises:
      WrongInput: the shape is none of an image, there are no paths, or files cannot be read or hold
        several frames; the message has them all.
      SetupError: Pillow is not installed.
    """
    try:
        from tfflowgan.images import formats, read
    except ModuleNotFoundError as error:
        if error.name != "PIL":
            raise
        raise SetupError(
            "read_images needs Pillow, which is not installed; pip install pillow installs it.",
            name="PIL",
        ) from None
    if len(image_shape) != 3 or image_shape[2] not in (1, 3):
        raise WrongInput(f"image_shape={tuple(image_shape)} must be (H, W, 1) or (H, W, 3).")
    formats.endings()  # makes Pillow know HEIC, if there is a library for it
    height, width, channels = image_shape
    images, bad = [], []
    for path in map(pathlib.Path, paths):
        try:
            frames = read.header(path).frames
            if frames > 1:
                bad.append(f"{path} (has {frames} frames)")
                continue
            picture, _ = next(read.pictures(path))
            images.append(read.pixels(picture, channels, (width, height)))
        except read.Unreadable as error:
            bad.append(f"{path} ({error})")
    if bad:
        raise WrongInput(f"{len(bad)} of paths are not readable as one image: {', '.join(bad)}.")
    if not images:
        raise WrongInput("paths names no images.")
    return np.stack(images)

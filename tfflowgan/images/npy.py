"""Images in one `.npy` file: written as they are drawn, read as pixels.

    uint8       [N, H, W, C]    pixels k
    floating    [N, H, W, C]    x in [0, 1], read as k = floor(256 x)

Floating-point values outside [0, 1] are clipped, as in the files that `bin/sample` writes, and
counted: a flow's samples may lie a little outside. An array of another range, such as [-1, 1] or
[0, 255], is refused. It is known by values far outside.
"""

import contextlib
import logging
import os
import pathlib
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.images import cache, memory, read
from tfflowgan.images.store import Store

__all__ = ["NpyFile", "read_npy"]

_log = logging.getLogger(__name__)
_BLOCK = 1 << 24  # values that are converted at a time
_FAR = 0.5  # beyond [0, 1]
_FAR_SHARE = 0.01  # of values that may lie so far outside


class NpyFile:
    """A `.npy` file that takes images as they come; a context manager that leaves no half file."""

    def __init__(self, path: pathlib.Path, shape: tuple[int, ...]):
        """Begins a file.

        Args:
          path: the file; one that is there is replaced in the end.
          shape: of all images together, `(N, H, W, C)`.

        Raises:
          OSError: it cannot be written.
        """
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._file = self._part.open("wb")
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)

    def __enter__(self) -> Self:
        """Returns the file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Puts the file in its place, or removes it if not all images came."""
        self._file.close()
        if kind is None:
            os.replace(self._part, self._path)
        else:
            with contextlib.suppress(OSError):
                self._part.unlink()

    def append(self, images: np.ndarray) -> None:
        """Writes images `[B, H, W, C]` as float32.

        Raises:
          OSError: they cannot be written.
        """
        self._file.write(np.ascontiguousarray(images, "<f4").data)


def read_npy(path: pathlib.Path, image_size: int | None = None) -> np.ndarray:
    """Reads images, and logs how many.

    Args:
      path: a `.npy` file, uint8 or floating-point `[N, H, W, C]` with C 1 or 3.
      image_size: side of the square to cut and resize to, or None to take the images as they are.

    Returns:
      Pixels uint8 `[N, H, W, C]`; memory-mapped if they do not fit into memory.

    Raises:
      UserError: the file is no such array, or its values have another range.
    """
    array = _opened(path)
    if array.dtype == np.uint8 and image_size is None:
        images, note = array, ""
        if memory.fits(array.nbytes):
            images = np.array(array)
    else:
        images, note = _converted(path, array, image_size)
    count, height, width, channels = images.shape
    _log.info("%s: %d images of %dx%dx%d%s.", path, count, height, width, channels, note)
    return images


def _opened(path):
    try:
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition("\n")[0].rstrip(".")
        raise UserError(f"{path} cannot be read as an .npy file: {reason}.") from None
    if not isinstance(array, np.ndarray) or not (
        array.dtype == np.uint8 or np.issubdtype(array.dtype, np.floating)
    ):
        kind = getattr(array, "dtype", "several arrays")
        raise UserError(
            f"{path} holds {kind}, but images must be uint8, or floating-point in [0, 1]."
        )
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or 0 in array.shape:
        raise UserError(
            f"{path} has shape {list(array.shape)}, but images must be [N, H, W, C] with C 1 or 3."
        )
    return array


def _converted(path, array, image_size):
    """Pixels by way of the cache, so that they need not fit into memory; and a note on them."""
    key = cache.key(path.parent, [path], "npy", image_size) if cache.limit() else None
    entry = None if key is None else cache.read(key)
    if entry is not None:
        return _held(entry.images), entry.notes.get("note", "")
    outside, far = 0, 0
    step = max(1, _BLOCK // int(np.prod(array.shape[1:])))
    with Store(path, key) as store:
        for start in range(0, len(array), step):
            block = np.asarray(array[start : start + step])
            if block.dtype != np.uint8:
                if not np.isfinite(block).all():
                    raise UserError(
                        f"{path} has values that are not finite, the first of them in one of "
                        f"images {start} to {start + len(block) - 1}."
                    )
                outside += int(((block < 0) | (block > 1)).sum())
                far += int(((block < -_FAR) | (block > 1 + _FAR)).sum())
                block = units.quantize(block)
            for pixels in block:
                store.append(_resized(pixels, image_size))
        if far > _FAR_SHARE * array.size:
            raise UserError(
                f"{path} has {far / array.size:.0%} of its values below {-_FAR} or above "
                f"{1 + _FAR}, but floating-point images must lie in [0, 1]."
            )
        note = f"; {outside / array.size:.2g} of the values clipped to [0, 1]" if outside else ""
        images = store.finish({"note": note})
    return _held(images), note


def _resized(pixels, image_size):
    if image_size is None:
        return np.ascontiguousarray(pixels)
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    return read.pixels(picture, pixels.shape[-1], (image_size, image_size))


def _held(images):
    """Images in memory if they fit, otherwise where they are."""
    return np.array(images) if memory.fits(images.nbytes) else images

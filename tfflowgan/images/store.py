"""Where decoded images go one by one: into a file of the cache, or into memory where there is none.

The cache is done without, and that is said, where it cannot be written or is too small.
"""

import logging
import pathlib
import shutil
from typing import BinaryIO

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.images import cache, memory

__all__ = ["Store"]

_log = logging.getLogger(__name__)
_LIMIT = 3  # shares of the memory that images may take where there is no cache


class Store:
    """Images of one shape, as they come; a context manager that leaves nothing half-done."""

    def __init__(self, top: pathlib.Path, key: str | None):
        """Opens a file in the cache, if that can be written.

        Args:
          top: what the images are read from, for messages.
          key: of the entry to be made; None for memory alone.
        """
        self._top, self._key = top, key
        self._scratch: pathlib.Path | None = None
        self._file: BinaryIO | None = None
        self._held: list[np.ndarray] = []
        self._shape: tuple[int, ...] = ()
        self._count = 0
        if key is not None and cache.limit():
            try:
                self._scratch = cache.scratch()
                self._file = (self._scratch / cache.PIXELS).open("w+b", buffering=0)
            except OSError as error:
                self._without(error.strerror)

    def __enter__(self) -> "Store":
        """Returns the store."""
        return self

    def __exit__(self, *_) -> None:
        """Removes what has not become an entry of the cache."""
        if self._file is not None:
            self._file.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def append(self, pixels: np.ndarray) -> None:
        """Adds an image, `uint8 [H, W, C]` of the first one's shape.

        Raises:
          UserError: there is no cache, and the images do not fit into memory.
        """
        self._shape = self._shape or pixels.shape
        size = (self._count + 1) * pixels.nbytes
        if self._file is not None:
            try:
                if size > cache.limit():
                    raise OSError(0, f"TFFLOWGAN_CACHE_GB={cache.limit() / 2**30:g} is too little")
                if self._file.write(pixels.tobytes()) != pixels.nbytes:
                    raise OSError(0, "no space left on device")
            except OSError as error:
                self._without(error.strerror)
        if self._file is None:
            self._held.append(pixels)
            if size > _LIMIT * memory.share():
                raise UserError(
                    f"{self._top} holds more images than fit into memory, and they cannot be kept "
                    "on disk; set TFFLOWGAN_CACHE to a folder with space and TFFLOWGAN_CACHE_GB to "
                    "its size, or give a smaller --image_size."
                )
        self._count += 1

    def finish(self, notes: dict) -> np.ndarray:
        """The images, `uint8 [N, H, W, C]`: in memory, or a memory-mapped file of the cache.

        Args:
          notes: what the cache is to know of them, plain values.
        """
        shape = (self._count, *self._shape)
        if self._file is not None and self._scratch and self._key and self._count:
            self._file.close()  # some systems move no folder with an open file
            try:
                return cache.keep(self._key, self._scratch, shape, notes).images
            except OSError as error:
                reason = error.strerror
            try:
                self._file = (self._scratch / cache.PIXELS).open("rb")
            except OSError:
                raise UserError(
                    f"TFFLOWGAN_CACHE={cache.folder().parent} was emptied by another program while "
                    f"the images of {self._top} were kept there; start again."
                ) from None
            self._without(reason)
        return np.stack(self._held) if self._held else np.zeros(shape, np.uint8)

    def _without(self, reason):
        """Goes on in memory, with what is in the file so far."""
        _log.warning(
            "%s cannot keep the images of %s (%s); they are decoded anew each time.",
            *(cache.folder(), self._top, reason),
        )
        if self._file is not None and self._count:
            self._file.seek(0)
            size = int(np.prod(self._shape))
            for _ in range(self._count):
                image = np.frombuffer(self._file.read(size), np.uint8)
                self._held.append(image.reshape(self._shape))
        if self._file is not None:
            self._file.close()
        self._file = None

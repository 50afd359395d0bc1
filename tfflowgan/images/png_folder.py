"""Images as single PNG files in a new folder: sample-000000.png, sample-000001.png and so on.

An image x in [0, 1] becomes 8-bit pixels k = floor(256 x), as in `units.quantize`; PNG keeps them
exactly. Either all files are written or none.
"""

import contextlib
import pathlib
from types import TracebackType
from typing import Self

import numpy as np
from PIL import Image

from tfflowgan import units
from tfflowgan.errors import UserError

__all__ = ["PngFolder"]

_DIGITS = 6  # at least, so that the names of few images are among those of many


class PngFolder:
    """A folder that takes images as they come; a context manager that leaves nothing half-done."""

    def __init__(self, path: pathlib.Path, count: int):
        """Makes the folder.

        Args:
          path: a folder that is empty or does not exist, so that nothing else is among the images.
          count: how many images will come, which sets the number of digits.

        Raises:
          UserError: it holds something, or cannot be made.
        """
        self._path = path
        self._digits = max(_DIGITS, len(str(count - 1)))
        self._written: list[pathlib.Path] = []
        try:
            self._made = not path.exists()
            path.mkdir(exist_ok=True)
            held = next(path.iterdir(), None)
        except OSError as error:
            raise UserError(
                f"--folder={path} cannot be made: {(error.strerror or str(error)).lower()}."
            ) from None
        if held is not None:
            raise UserError(
                f"--folder={path} holds {held.name} already; give a folder that is new or empty."
            )

    def __enter__(self) -> Self:
        """Returns the folder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Removes what was written if not all of it was."""
        if kind is None:
            return
        with contextlib.suppress(OSError):
            for path in self._written:
                path.unlink(missing_ok=True)
            if self._made:
                self._path.rmdir()

    def append(self, images: np.ndarray) -> None:
        """Writes one file per image.

        Args:
          images: `[N, H, W, C]` with C 1 or 3, values in [0, 1]; those outside are clipped.

        Raises:
          OSError: a file cannot be written.
        """
        for pixels in units.quantize(images):
            path = self._path / f"sample-{len(self._written):0{self._digits}d}.png"
            picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
            self._written.append(path)
            picture.save(path)

"""All images of a folder as one array, and a summary of what was read and what was left out."""

import collections
import dataclasses
import logging
import os
import pathlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.images import read
from tfflowgan.images.find import Found, find
from tfflowgan.images.formats import endings
from tfflowgan.images.summary import Summary, listed

__all__ = ["FRAMES", "Folder", "read_files", "read_folder"]

FRAMES = ("all", "refuse")

_log = logging.getLogger(__name__)
_AHEAD = 64  # files that are decoded at the same time, so that memory does not grow with the folder


@dataclasses.dataclass(frozen=True)
class Folder:
    """The images of a folder.

    Attributes:
      images: `uint8 [N, H, W, C]` with C 1 or 3.
      paths: the file of every image, N of them.
      summary: what was done to them, and what was left out.
    """

    images: np.ndarray
    paths: tuple[pathlib.Path, ...]
    summary: Summary


def read_folder(folder: pathlib.Path, image_size: int | None = None, frames: str = "all") -> Folder:
    """Reads all images below a folder; see `read_files`."""
    return read_files(find(folder), image_size, frames)


def read_files(found: Found, image_size: int | None = None, frames: str = "all") -> Folder:
    """Reads the files that were found, and logs what was read and what was left out.

    They are grey if all files are, otherwise RGB. A file that cannot be read is left out.

    Args:
      found: which files, and what was left out already.
      image_size: side of the square to cut and resize to, or None to take the images as they are.
      frames: "all" frames of a file that holds several, or "refuse" such files.

    Raises:
      UserError: no image can be read; images differ in size, without `image_size`; or a file holds
        several frames, and `frames` refuses it.
    """
    summary = Summary(found.folder, left_out=found.left_out, unreadable=dict(found.unreadable))
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")  # decoders warn of what they can read all the same
        headers = _headers(found, frames, summary, pool)
        if not headers:
            raise _nothing(summary)
        channels = 1 if all(h.grey for h in headers.values()) else 3
        images, paths = _decoded(headers, channels, image_size, summary, pool)
    summary.count = len(images)
    if not images:
        raise _nothing(summary)
    _log.log(logging.WARNING if summary.doubtful else logging.INFO, "%s.", summary.text())
    return Folder(np.stack(images), tuple(paths), summary)


def _headers(found: Found, frames, summary, pool) -> dict[pathlib.Path, read.Header]:
    headers: dict[pathlib.Path, read.Header] = {}
    for path, result in _ahead(read.header, found.files, pool):
        if isinstance(result, read.Unreadable):
            summary.unreadable[path] = str(result)
        else:
            headers[path] = result
    several = [path for path, header in headers.items() if header.frames > 1]
    if several and frames == "refuse":
        raise UserError(
            f"--frames=refuse does not take files of several frames, and {found.folder} has "
            f"{len(several)} ({listed(several, found.folder)}); take them out or give --frames=all."
        )
    return headers


def _decoded(headers, channels, image_size, summary, pool):
    size = None if image_size is None else (image_size, image_size)

    def decode(path):
        return [
            (read.pixels(picture, channels, size), notes, picture.mode == "L")
            for picture, notes in read.pictures(path)
        ]

    images: list[np.ndarray] = []
    paths: list[pathlib.Path] = []
    shapes: dict[pathlib.Path, tuple[int, ...]] = {}
    for path, result in _ahead(decode, headers, pool):
        if isinstance(result, read.Unreadable):
            summary.unreadable[path] = str(result)
            continue
        for pixels, notes, grey in result:
            shapes[path] = pixels.shape
            images.append(pixels)
            paths.append(path)
            summary.done.update(notes)
            summary.grey += grey and channels == 3
    _check_sizes(shapes, summary.folder)
    return images, paths


def _ahead(function, paths, pool) -> Iterator[tuple[pathlib.Path, Any]]:
    """(path, what the function gives or the `Unreadable` it raises), in order, a few at a time."""

    def guarded(path):
        try:
            return function(path)
        except read.Unreadable as error:
            return error

    paths = list(paths)
    for start in range(0, len(paths), _AHEAD):
        part = paths[start : start + _AHEAD]
        yield from zip(part, pool.map(guarded, part), strict=True)


def _check_sizes(shapes, folder):
    counts = collections.Counter(shapes.values())
    if len(counts) < 2:
        return
    most = max(counts, key=lambda shape: counts[shape])
    first = next(path for path, shape in shapes.items() if shape == most)
    odd = [
        f"{path.relative_to(folder)} is {shape[1]}x{shape[0]}"
        for path, shape in shapes.items()
        if shape != most
    ]
    raise UserError(
        f"the images in {folder} differ in size: {', '.join(odd)}, where "
        f"{first.relative_to(folder)} is {most[1]}x{most[0]}; give --image_size to cut and resize "
        "all."
    )


def _nothing(summary):
    left_out = summary.left_out_text()
    return UserError(
        f"{summary.folder} has no images (files ending in {', '.join(sorted(endings()))})"
        f"{f'; left out: {left_out}' if left_out else ''}."
    )

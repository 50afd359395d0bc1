"""All images of a folder as one array, and a summary of what was read and what was left out."""

import collections
import dataclasses
import hashlib
import logging
import os
import pathlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import PIL

from tfflowgan.errors import UserError
from tfflowgan.images import cache, memory, read
from tfflowgan.images.find import Found, find
from tfflowgan.images.store import Store
from tfflowgan.images.summary import Summary, listed

__all__ = ["FRAMES", "Folder", "read_files", "read_folder"]

FRAMES = ("all", "refuse")

_log = logging.getLogger(__name__)
_ARRANGED = "-arranged"  # after the key of images in another order than that of their files
_SHOWN = 20  # names in a message on sizes
_AHEAD = 64  # files that are decoded at the same time, so that memory does not grow with the folder


@dataclasses.dataclass(frozen=True)
class Folder:
    """The images of a folder.

    Attributes:
      images: `uint8 [N, H, W, C]` with C 1 or 3; a memory-mapped file of the cache if they do not
        fit into memory.
      paths: the file of every image, N of them.
      digests: a hash of every image's pixels, 128 bits as two big-endian integers, `[N, 2]`.
      summary: what was done to them, and what was left out.
      key: of their entry in the cache, None without one.
    """

    images: np.ndarray
    paths: tuple[pathlib.Path, ...]
    digests: np.ndarray
    summary: Summary
    key: str | None = None

    def arranged(self, order: np.ndarray) -> "Folder":
        """The same images in another order, in the cache too if they do not fit into memory.

        Args:
          order: which image comes where, integers `[N]`.
        """
        if np.array_equal(order, np.arange(len(self.images))):
            return self
        paths = tuple(self.paths[i] for i in order)
        keys = self.digests[order]
        if memory.fits(self.images.nbytes) or self.key is None:
            images = self.images[order]
            return dataclasses.replace(self, images=images, paths=paths, digests=keys, key=None)
        name = self.key.removesuffix(_ARRANGED) + _ARRANGED
        with Store(self.summary.folder, name) as store:
            for i in order:
                store.append(self.images[i])
            images = store.finish(_notes(self.summary, paths, keys))
        if name != self.key:
            cache.remove(self.key)
        return dataclasses.replace(self, images=images, paths=paths, digests=keys, key=name)


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
    settings = (image_size, frames, PIL.__version__)
    key = cache.key(found.folder, found.files, *settings) if cache.limit() else None
    for name in () if key is None else (key + _ARRANGED, key):
        entry = cache.read(name)
        known = None if entry is None else _from_notes(entry, found, name)
        if known is not None:
            _say(known.summary, " (decoded before)")
            return known
    summary = Summary(found.folder, left_out=found.left_out, unreadable=dict(found.unreadable))
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")  # decoders warn of what they can read all the same
        headers = _headers(found, frames, summary, pool)
        if not headers:
            raise _nothing(summary)
        result = _decoded(headers, image_size, summary, key, pool)
    _say(summary)
    return result


def _say(summary, also=""):
    level = logging.WARNING if summary.doubtful else logging.INFO
    _log.log(level, "%s%s.", summary.text(), also)


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


def _decoded(headers, image_size, summary, key, pool):
    size = None if image_size is None else (image_size, image_size)
    channels = 1 if all(header.grey for header in headers.values()) else 3

    def decode(path):
        return [
            (read.pixels(picture, channels, size), notes, picture.mode == "L")
            for picture, notes in read.pictures(path)
        ]

    paths: list[pathlib.Path] = []
    digests: list[bytes] = []
    shapes: list[tuple[pathlib.Path, tuple[int, ...]]] = []
    odd = 0
    with Store(summary.folder, key) as store:
        for path, result in _ahead(decode, headers, pool):
            if isinstance(result, read.Unreadable):
                summary.unreadable[path] = str(result)
                continue
            if odd > _SHOWN:
                break  # is refused below, and there is enough to show
            for pixels, notes, grey in result:
                shapes.append((path, pixels.shape))
                odd += pixels.shape != shapes[0][1]
                summary.done.update(notes)
                summary.grey += grey and channels == 3
                if pixels.shape == shapes[0][1]:
                    paths.append(path)
                    digests.append(hashlib.blake2b(pixels.data, digest_size=16).digest())
                    store.append(pixels)
        _check_sizes(shapes, summary.folder)
        summary.count = len(paths)
        if not paths:
            raise _nothing(summary)
        keys = np.frombuffer(b"".join(digests), ">u8").reshape(-1, 2)
        images = store.finish(_notes(summary, paths, keys))
    key = key if isinstance(images, np.memmap) else None
    return Folder(_held(images), tuple(paths), keys, summary, key)


def _notes(summary, paths, keys):
    """What the cache keeps of a folder."""
    top = summary.folder
    return {
        "paths": [str(path.relative_to(top)) for path in paths],
        "digests": keys.tobytes().hex(),
        "done": dict(summary.done),
        "grey": summary.grey,
        "unreadable": {str(path.relative_to(top)): why for path, why in summary.unreadable.items()},
    }


def _from_notes(entry, found, key):
    """A folder as the cache has it; None if its notes are not what `_notes` writes."""
    top, notes = found.folder, entry.notes
    try:
        paths = tuple(top / path for path in notes["paths"])
        keys = np.frombuffer(bytes.fromhex(notes["digests"]), ">u8").reshape(-1, 2)
        unreadable = {top / path: why for path, why in notes["unreadable"].items()}
        done, grey = collections.Counter(notes["done"]), notes["grey"]
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if not len(paths) == len(keys) == len(entry.images):
        return None
    unreadable |= found.unreadable
    summary = Summary(top, len(paths), done, grey, found.left_out, unreadable)
    return Folder(_held(entry.images), paths, keys, summary, key)


def _held(images):
    """Images in memory if they fit, otherwise where they are."""
    return np.array(images) if memory.fits(images.nbytes) else images


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
    counts = collections.Counter(shape for _, shape in shapes)
    if len(counts) < 2:
        return
    most = max(counts, key=lambda shape: counts[shape])
    first = next(path for path, shape in shapes if shape == most)
    odd = [
        f"{path.relative_to(folder)} is {shape[1]}x{shape[0]}"
        for path, shape in shapes
        if shape != most
    ]
    more = f" and {len(odd) - _SHOWN} more differ" if len(odd) > _SHOWN else ""
    raise UserError(
        f"the images in {folder} differ in size: {', '.join(odd[:_SHOWN])}{more}, where "
        f"{first.relative_to(folder)} is {most[1]}x{most[0]}; give --image_size to cut and resize "
        "all."
    )


def _nothing(summary):
    left_out = summary.left_out_text()
    return UserError(
        f"{summary.folder} has no image files that Pillow can open"
        f"{f'; left out: {left_out}' if left_out else ''}."
    )

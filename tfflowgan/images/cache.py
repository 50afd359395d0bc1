"""Decoded pixels in the user's cache folder, so that a folder is decoded once.

    CACHE/images/KEY/pixels.raw      uint8 [N, H, W, C]
    CACHE/images/KEY/entry.json      the shape, and what the reader knows of the images

CACHE is `TFFLOWGAN_CACHE`, else `tfflowgan` in the cache folder of the system's user. The key is a
fingerprint of every file's path, size and times and of what reading depends on. All entries
together hold at most `TFFLOWGAN_CACHE_GB`, by default 20 (GiB; 0 for no cache): those that were
used least recently go first.
"""

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import pathlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable

import numpy as np

from tfflowgan.images.memory import number_from

__all__ = ["PIXELS", "Entry", "folder", "keep", "key", "limit", "read", "scratch"]

_log = logging.getLogger(__name__)
_VERSION = 1  # to be raised when the same file becomes other pixels
PIXELS = "pixels.raw"
_ENTRY = "entry.json"
_NEW = "new-"
_DAY = 86_400.0  # seconds
_GB = 20.0


@dataclasses.dataclass(frozen=True)
class Entry:
    """Images on disk, mapped into memory, and the notes that were written with them."""

    images: np.ndarray
    notes: dict


def folder() -> pathlib.Path:
    """The folder of all entries; it need not exist."""
    if given := os.environ.get("TFFLOWGAN_CACHE"):
        return pathlib.Path(given).expanduser() / "images"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return pathlib.Path(base).expanduser() / "tfflowgan" / "images"


def limit() -> int:
    """Bytes that all entries together may have."""
    given = number_from("TFFLOWGAN_CACHE_GB")
    return int((_GB if given is None else given) * 2**30)


def key(top: pathlib.Path, files: Iterable[pathlib.Path], *settings: object) -> str | None:
    """The fingerprint of files as they are now; None if one of them is gone.

    Args:
      top: the folder that they lie in.
      files: in order.
      *settings: what else the pixels depend on, plain values.
    """
    digest = hashlib.sha256(json.dumps([_VERSION, *settings]).encode())
    try:
        for path in files:
            s = path.stat()
            row = [s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino]
            digest.update(json.dumps([str(path.relative_to(top)), *row]).encode())
    except OSError:
        return None
    return digest.hexdigest()[:32]


def read(name: str) -> Entry | None:
    """The entry of a key, or None if there is none that is whole."""
    path = folder() / name
    try:
        content = json.loads((path / _ENTRY).read_text(encoding="utf-8"))
        shape = tuple(content["shape"])
        images = np.memmap(path / PIXELS, np.uint8, "r", shape=shape)
        if (path / PIXELS).stat().st_size != images.nbytes:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with contextlib.suppress(OSError):
        os.utime(path / _ENTRY)  # was used now
    return Entry(images, content["notes"])


def scratch() -> pathlib.Path:
    """A new folder beside the entries, to write `PIXELS` in.

    Raises:
      OSError: the cache cannot be written.
    """
    folder().mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=_NEW, dir=folder()))


def keep(name: str, new: pathlib.Path, shape: tuple[int, ...], notes: dict) -> Entry:
    """Makes a folder of `scratch` an entry, and removes others where the limit asks for it.

    Args:
      name: the key; an older entry of that key is replaced.
      new: the folder, with `PIXELS` written.
      shape: of the images, `(N, H, W, C)`.
      notes: plain values.

    Raises:
      OSError: it cannot be written.
    """
    content = json.dumps({"shape": list(shape), "notes": notes})
    (new / _ENTRY).write_text(content, encoding="utf-8")
    path = folder() / name
    shutil.rmtree(path, ignore_errors=True)
    os.replace(new, path)
    entry = read(name)
    if entry is None:
        raise OSError(0, "another program removed them")
    _trim(name)
    return entry


def _trim(kept):
    """Removes the entries used least recently, but for one, until all fit the limit."""
    entries = []
    for path in folder().iterdir():
        with contextlib.suppress(OSError):
            used = (path / (PIXELS if path.name.startswith(_NEW) else _ENTRY)).stat().st_mtime
            if path.name.startswith(_NEW) and used < time.time() - _DAY:  # of a killed process
                shutil.rmtree(path, ignore_errors=True)
            entries.append((used, path, (path / PIXELS).stat().st_size))
    size = sum(entry[2] for entry in entries)
    for _, path, own in sorted(entries):
        if size > limit() and path.name != kept and not path.name.startswith(_NEW):
            shutil.rmtree(path, ignore_errors=True)
            size -= own
            _log.info("%s is removed: the cache may hold %g GiB.", path, limit() / 2**30)

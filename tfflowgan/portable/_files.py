"""Named arrays in files of a chosen size, and bfloat16 for those that need no more.

STEM_000.npz, STEM_001.npz, ...    an array that does not fit into a file is cut
STEM.json                          names, shapes, and which arrays are bfloat16; written last
"""

import json
import os
import pathlib
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["from_bfloat16", "read_arrays", "remove_arrays", "to_bfloat16", "write_arrays"]
__all__ += ["write_archive"]


def to_bfloat16(values: np.ndarray) -> np.ndarray:
    """The upper halves of float32 numbers, rounded to the nearest, ties to even, as uint16."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(values), (bits >> 16) | 0x40, rounded).astype(np.uint16)


def from_bfloat16(halves: np.ndarray) -> np.ndarray:
    """The float32 numbers of `to_bfloat16`."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def write_arrays(
    folder: pathlib.Path,
    stem: str,
    arrays: dict[str, np.ndarray],
    part_bytes: int,
    halved: frozenset[str] = frozenset(),
    compress: bool = True,
) -> None:
    """Writes arrays; those that were there before under this stem are replaced.

    Args:
      folder: exists.
      stem: of the files' names.
      arrays: by name.
      part_bytes: the most that a file holds, before compression.
      halved: names of floating-point arrays to be written as bfloat16; they come back as float32.
      compress: whether to, which takes time, and saves little for weights.
    """
    stored = {n: to_bfloat16(a) if n in halved else np.asarray(a) for n, a in arrays.items()}
    remove_arrays(folder, stem)
    save: Any = np.savez_compressed if compress else np.savez
    count = 0
    for part in _parts(stored, part_bytes):
        save(folder / f"{stem}_{count:03d}.npz", **part)
        count += 1
    shapes = {name: array.shape for name, array in stored.items()}
    description = {"files": count, "shapes": shapes, "bfloat16": sorted(halved)}
    write_atomically(folder / f"{stem}.json", json.dumps(description) + "\n")


def remove_arrays(folder: pathlib.Path, stem: str) -> None:
    """Removes the files of `write_arrays`."""
    (folder / f"{stem}.json").unlink(missing_ok=True)
    mine = re.compile(re.escape(stem) + r"_\d{3,}\.npz")
    for path in [*folder.iterdir()]:
        if mine.fullmatch(path.name):
            path.unlink()


def write_archive(path: pathlib.Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes one compressed `.npz` file, whole or not at all."""
    part = path.with_name(path.name + ".part")
    save: Any = np.savez_compressed
    with part.open("wb") as file:
        save(file, **arrays)
    os.replace(part, path)


def read_arrays(folder: pathlib.Path, stem: str) -> dict[str, np.ndarray]:
    """Reads what `write_arrays` wrote.

    Raises:
      UserError: a file is missing or damaged.
    """
    try:
        description = json.loads((folder / f"{stem}.json").read_text())
        shapes, halved = description["shapes"], description["bfloat16"]
        pieces: dict[str, list[np.ndarray]] = {name: [] for name in shapes}
        for number in range(description["files"]):
            path = folder / f"{stem}_{number:03d}.npz"
            with path.open("rb") as file, np.load(file) as part:
                for key in part.files:
                    pieces[key.split("|")[0]].append(part[key])
        found = {n: np.concatenate(p).reshape(shapes[n]) for n, p in pieces.items()}
        return {n: from_bfloat16(a) if n in halved else a for n, a in found.items()}
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{folder / stem}: its files are incomplete or damaged ({error}); copy all of them, "
            "or write them again."
        ) from None


def _parts(arrays, part_bytes) -> Iterator[dict[str, np.ndarray]]:
    """Flat pieces of arrays in groups of at most so many bytes, or of one number."""
    group, size = {}, 0
    for name, array in arrays.items():
        flat = array.reshape(-1)
        length = max(1, part_bytes // flat.itemsize)
        for i in range(max(1, -(-flat.size // length))):
            piece = flat[i * length : (i + 1) * length]
            if group and size + piece.nbytes > part_bytes:
                yield group
                group, size = {}, 0
            group[f"{name}|{i:04d}"] = piece
            size += piece.nbytes
    if group:
        yield group

"""Named arrays in files of a chosen size, and bfloat16 for those that need no more.

STEM_000.npz, STEM_001.npz, ...    compressed; an array that is longer than a file is cut
STEM.json                          the names, and which arrays are bfloat16; written last
"""

import json
import pathlib
import zipfile
from collections.abc import Iterator

import numpy as np

from tfflowgan.errors import UserError

__all__ = ["from_bfloat16", "read_arrays", "to_bfloat16", "write_arrays"]


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
) -> None:
    """Writes arrays; those that were there before under this stem are replaced.

    Args:
      folder: exists.
      stem: of the files' names.
      arrays: by name.
      part_bytes: the most that a file holds, before compression.
      halved: names of floating-point arrays to be written as bfloat16; they come back as float32.
    """
    stored = {n: to_bfloat16(a) if n in halved else np.asarray(a) for n, a in arrays.items()}
    (folder / f"{stem}.json").unlink(missing_ok=True)
    for old in folder.glob(f"{stem}_[0-9][0-9][0-9].npz"):
        old.unlink()
    number = -1
    for number, part in enumerate(_parts(stored, part_bytes)):  # noqa: B007
        np.savez_compressed(folder / f"{stem}_{number:03d}.npz", **part)
    description = {"files": number + 1, "names": list(stored), "bfloat16": sorted(halved)}
    (folder / f"{stem}.json").write_text(json.dumps(description) + "\n")


def read_arrays(folder: pathlib.Path, stem: str) -> dict[str, np.ndarray]:
    """Reads what `write_arrays` wrote.

    Raises:
      UserError: a file is missing or damaged.
    """
    try:
        description = json.loads((folder / f"{stem}.json").read_text())
        pieces: dict[str, list[np.ndarray]] = {name: [] for name in description["names"]}
        for number in range(description["files"]):
            path = folder / f"{stem}_{number:03d}.npz"
            with path.open("rb") as file, np.load(file) as part:
                for key in part.files:
                    pieces[key.split("|")[0]].append(part[key])
        joined = {n: p[0] if len(p) == 1 else np.concatenate(p) for n, p in pieces.items()}
        return {
            n: from_bfloat16(a) if n in description["bfloat16"] else a for n, a in joined.items()
        }
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{folder / stem}: its files are incomplete or damaged ({error}); copy all of them, "
            "or write them again."
        ) from None


def _parts(arrays, part_bytes) -> Iterator[dict[str, np.ndarray]]:
    """Arrays in groups of at most so many bytes; longer ones are cut along their first axis."""
    group, size = {}, 0
    for name, array in arrays.items():
        for i, piece in enumerate(_pieces(array, part_bytes)):
            if group and size + piece.nbytes > part_bytes:
                yield group
                group, size = {}, 0
            group[f"{name}|{i:04d}"] = piece
            size += piece.nbytes
    if group:
        yield group


def _pieces(array, part_bytes):
    if array.ndim == 0 or array.nbytes <= part_bytes:
        return [array]
    rows = max(1, part_bytes * len(array) // array.nbytes)
    return [array[i : i + rows] for i in range(0, len(array), rows)]

"""MNIST's four files in other forms than the original: unzipped, packed again, under other names.

Their checksums are not those that TensorFlow Datasets knows. So the content is checked instead: by
the form of the four files, by the checksum of what is inside them for MNIST, and by the number of
images of each class for Fashion-MNIST.

A file of images is 2051, N, rows, columns (4 bytes each, big-endian) and the pixels; one of labels
is 2049, N and the labels.
"""

import gzip
import hashlib
import pathlib
import zlib

import numpy as np

from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split
from tfflowgan.errors import UserError

__all__ = ["PARTS", "find_files", "read_files"]

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")

_COUNTS = {"train": 60_000, "t10k": 10_000}
_SIDE = 28
_MNIST = {  # sha256 of the unzipped files
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def find_files(request: Request) -> list[pathlib.Path] | None:
    """The four files in the order of `PARTS`, under any usual name; None if there is not one.

    Raises:
      UserError: some of the four are there, others are not.
    """
    root = request.folder()
    for folder in [] if root is None else (root, root / request.name):
        found = [_file(folder, part) for part in PARTS]
        paths = [path for path in found if path is not None]
        if paths and len(paths) < len(PARTS):
            missing = [
                f"{part}-idx{_kind(part)}-ubyte.gz"
                for part, path in zip(PARTS, found, strict=True)
                if path is None
            ]
            raise UserError(f"{folder} lacks {', '.join(missing)}; place it beside the others.")
        if paths:
            return paths
    return None


def _kind(part):
    return 3 if part.endswith("images") else 1


def _file(folder, part):
    names = (f"{part}-idx{_kind(part)}-ubyte", f"{part}.idx{_kind(part)}-ubyte")
    for name in names:  # an archive may hold each file in a folder of the same name
        for path in (folder / name, folder / f"{name}.gz", *(folder / name / n for n in names)):
            if path.is_file():
                return path
    return None


def read_files(request: Request, paths: list[pathlib.Path]) -> tuple[Split, Split]:
    """The 60,000 and the 10,000 images with their labels.

    Args:
      request: names the dataset.
      paths: as `find_files` gives them.

    Raises:
      UserError: a file is damaged, or holds something else than the dataset.
    """
    contents = {part: _content(path) for part, path in zip(PARTS, paths, strict=True)}
    for (part, content), path in zip(contents.items(), paths, strict=True):
        if (hashlib.sha256(content).hexdigest() == _MNIST[part]) != (request.name == "mnist"):
            raise UserError(
                f"{path} is not of --dataset={request.name}: its content, unzipped, has sha256 "
                f"{hashlib.sha256(content).hexdigest()[:12]}..."
                f"{'' if request.name == 'mnist' else ', which is that of MNIST'}; fetch it again."
            )
    splits = []
    for i, (part, count) in zip((0, 2), _COUNTS.items(), strict=True):
        images = _images(contents[f"{part}-images"], paths[i], count)
        labels = _labels(contents[f"{part}-labels"], paths[i + 1], count)
        even = (np.bincount(labels, minlength=10) * 10 == count).all()
        if request.name != "mnist" and not even:
            raise UserError(f"{paths[i + 1]} does not have a tenth of each class; fetch it again.")
        splits.append(Split(images, labels))
    return splits[0], splits[1]


def _content(path):
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "unknown"
        raise UserError(
            f"{path} is damaged or truncated ({error}; sha256 {digest[:12]}...); fetch it again."
        ) from None


def _images(content, path, count):
    header = np.frombuffer(content[:16], ">i4").tolist()
    if header != [2051, count, _SIDE, _SIDE] or len(content) != 16 + count * _SIDE**2:
        raise UserError(
            f"{path} does not hold {count} images of {_SIDE} x {_SIDE}; fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=16).reshape(count, _SIDE, _SIDE, 1)


def _labels(content, path, count):
    labels = np.frombuffer(content[8:], np.uint8)
    if np.frombuffer(content[:8], ">i4").tolist() != [2049, count] or len(labels) != count:
        raise UserError(f"{path} does not hold {count} labels; fetch it again.")
    if labels.max() > 9:
        raise UserError(f"{path} has the label {labels.max()}, but labels go from 0 to 9.")
    return labels.astype(np.int64)

"""Any folder of images: `--dataset=image_folder --data_dir=DIR --image_size=32`.

Every image below the folder is read (see `tfflowgan.images`). With `--image_size` its centre square
is cut out and resized by area; without it all images must have one size. They are greyscale if all
files are, otherwise RGB.

Sub-folders train/, validation/ and test/ are the splits. Where there are none, eight tenths of the
images are for training, one for validation, one for testing; where only one is missing, a tenth of
train/ takes its place. A hash of the pixels chooses, so the names of the files do not matter, and
exact copies stay on one side. Images labelled as not good (see `tfflowgan.images.layout`) are left
out.
"""

import dataclasses
import logging
import pathlib

import numpy as np

from tfflowgan.datasets import _former_image_folder
from tfflowgan.datasets._copies import cut, different, seen_in
from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split, Splits, hold_out
from tfflowgan.errors import UserError
from tfflowgan.images import folder as image_files
from tfflowgan.images.find import find
from tfflowgan.images.layout import Layout, layout

__all__ = ["ANY_SIZE", "FRAMES", "load", "load_formerly", "read_folder"]

ANY_SIZE = True
FRAMES = True

_log = logging.getLogger(__name__)
_LEAST = 10
_NAMES = ("train", "validation", "test")


def load(request: Request) -> Splits:
    """Loads a folder; see `tfflowgan.datasets.load`."""
    folder = _folder(request)
    found = find(folder)
    plan = layout(folder, found.files)
    _say(folder, plan)
    left_out = found.left_out | {f"in {label}": count for label, count in plan.unusual.items()}
    files = tuple(sorted(path for paths in plan.parts.values() for path in paths))
    found = dataclasses.replace(found, files=files, left_out=left_out)
    read = image_files.read_files(found, request.image_size, request.frames)
    keys = read.digests
    parts = _parts(plan, read.paths)
    _check_number(folder, different(keys[parts["train"]]), len(parts["train"]))
    source, copied = f"folder {folder.name}", len(keys) - different(keys)
    if plan.split:
        source += f", sub-folders {', '.join(plan.parts)}"
    if copied:
        source += f", {copied} exact copies on one side"
        _log.info(
            "%s: %d images are exact copies of others; they stay on one side.", folder, copied
        )
    chosen = _given(folder, parts, keys) if plan.split else {}
    chosen = chosen | _held_out(chosen or parts, keys)
    return Splits(request.name, source, *_taken(read, [chosen[name] for name in _NAMES]))


def load_formerly(request: Request) -> Splits:
    """Loads a folder as version 0.1.0 did, for a run that it began."""
    folder = _folder(request)
    images = _former_image_folder.read_folder(folder, request.image_size)
    _check_number(folder, len(images), len(images))
    tenth = len(images) // 10
    test, rest = hold_out(Split(images), tenth)
    held_out, train = rest.first(tenth), rest.take(np.arange(tenth, len(rest)))
    return Splits(request.name, f"folder {folder.name}", train, held_out, test)


def read_folder(
    folder: pathlib.Path, image_size: int | None = None, frames: str = "all"
) -> np.ndarray:
    """The images of a folder, `uint8 [N, H, W, C]`; see `tfflowgan.images.folder.read_folder`."""
    return image_files.read_folder(folder, image_size, frames).images


def _folder(request):
    if request.data_source not in ("auto", "local"):
        raise UserError(
            f"--data_source={request.data_source} does not exist for --dataset=image_folder; it "
            "can be auto, local."
        )
    folder = request.folder()
    if folder is None:
        raise UserError("--dataset=image_folder needs --data_dir, the folder of images.")
    return folder


def _say(folder: pathlib.Path, plan: Layout):
    """Lists, before anything is read, which sub-folders become one set of images."""
    if plan.split:
        counts = {f"{name}/": len(files) for name, files in plan.parts.items()}
        _log.info("%s has splits of its own: %s.", folder, _counted(counts))
    elif plan.together:
        _log.info("%s: read together as one set: %s.", folder, _counted(plan.together))


def _taken(read: image_files.Folder, parts: list[np.ndarray]) -> list[Split]:
    """The splits, one after the other in one array, because that may lie on disk."""
    others = np.setdiff1d(np.arange(len(read.images)), np.concatenate(parts))
    images = read.arranged(np.concatenate([*parts, others])).images
    ends = np.cumsum([len(part) for part in parts])
    return [Split(images[end - len(part) : end]) for end, part in zip(ends, parts, strict=True)]


def _counted(counts):
    shown = [f"{count} in {name}" for name, count in list(counts.items())[:30]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more folders" if more else "")


def _parts(plan, paths):
    """The indices of the images of every part."""
    part_of = {path: name for name, files in plan.parts.items() for path in files}
    names = np.array([part_of[path] for path in paths])
    return {name: np.flatnonzero(names == name) for name in plan.parts}


def _check_number(folder, count, total):
    if count < _LEAST:
        which = f"{total} images" if count == total else f"{total} images, {count} without copies"
        raise UserError(
            f"--data_dir={folder} has {which}, for training and held out; at least {_LEAST} are "
            "needed."
        )


def _given(folder, parts, keys):
    """The given splits, each in random order, without images that a later one has too."""
    chosen, later = {}, keys[:0]
    for name in reversed([name for name in _NAMES if name in parts]):
        indices = parts[name]
        twice = seen_in(keys[indices], later)
        if twice.any():
            _log.warning(
                "%s: %d images of %s/ are held out too; they are left out of %s/.",
                *(folder, twice.sum(), name, name),
            )
        indices = indices[~twice]
        if not len(indices):
            raise UserError(
                f"--data_dir={folder} has no images in {name}/ that can be read and are not "
                "held out as well."
            )
        (order,) = cut(keys[indices], [])
        chosen[name] = indices[order]
        later = np.concatenate([later, keys[indices]])
    return chosen


def _held_out(chosen, keys):
    """Training images, and those held out of them for the splits that are missing."""
    train = chosen["train"]
    missing = [name for name in ("test", "validation") if name not in chosen]
    parts = cut(keys[train], [max(1, len(train) // 10)] * len(missing))
    return {name: train[part] for name, part in zip([*missing, "train"], parts, strict=True)}

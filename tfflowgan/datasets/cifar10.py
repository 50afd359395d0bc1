"""CIFAR-10: photographs of ten kinds of things, 32 x 32 x 3 (Krizhevsky, 2009).

45,000 / 5,000 / 10,000 images. The validation images are a fixed random choice from the 50,000, as
the Flow-GAN paper says; its code takes the first 500 of each class instead. Of the local training
batches (`cifar-10-batches-bin`, the binary version) some may be missing: a warning says so, and one
tenth of the images that are there are held out for validation. The python version and both archives
are taken as well.

Sizes and labels are checked in every batch, and the published md5 in batches 1, 2 and test, for
which it was verified.

A batch is 10,000 records: one byte of label, then 3,072 bytes, the planes R, G and B of 32 x 32.
"""

import hashlib
import logging
import pathlib

import numpy as np

from tfflowgan.datasets._cifar10_files import find_batches
from tfflowgan.datasets._sources import Request, first_available
from tfflowgan.datasets._splits import Split, Splits, splits_from
from tfflowgan.datasets._tfds import read_split, tfds_sources
from tfflowgan.errors import UserError

__all__ = ["FLIPS", "FLOW", "load"]

LICENCE = "none stated; cite Krizhevsky (2009)"

_log = logging.getLogger(__name__)

FLIPS = True
FLOW = "real_nvp"

_FOLDER = "cifar-10-batches-bin"
_NAMES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
_RECORD = 1 + 3 * 32 * 32
_RECORDS = 10_000


def load(request: Request) -> Splits:
    """Loads CIFAR-10; see `tfflowgan.datasets.load`."""
    wanted = f"the folder {_FOLDER} (data_batch_1.bin to data_batch_5.bin and test_batch.bin)"
    sources = {"local": _local, **tfds_sources(_read)}
    source, (pool, test) = first_available(request, sources, wanted)
    return splits_from(request.name, source, pool, len(pool) // 10, test)


def _local(request: Request) -> tuple[str, tuple[Split, Split]] | None:
    root = request.folder()
    folders = [] if root is None else [root / _FOLDER, root]
    there = [
        f for f in folders if any(f.glob("data_batch_*.bin")) or (f / "test_batch.bin").exists()
    ]
    folder = next(iter(there), None)
    if folder is not None:
        batches = {name: _bytes(folder / name) for name in _NAMES if (folder / name).exists()}
    elif root is not None and (other := find_batches(root)) is not None:
        folder, batches = other
    else:
        return None
    names = [name for name in _NAMES[:-1] if name in batches]
    if not names:
        raise UserError(f"{folder} has no {_NAMES[0]}; place at least one training batch there.")
    if _NAMES[-1] not in batches:
        raise UserError(f"{folder} has no {_NAMES[-1]}; place it beside the others.")
    source = f"local originals, {len(names)} of 5 training batches"
    if len(names) < 5:
        _log.warning(
            "%s has only %d of CIFAR-10's 5 training batches; all results will say so.",
            folder,
            len(names),
        )
    parts = [_read_batch(folder / name, batches[name]) for name in names]
    images, labels = (np.concatenate([getattr(s, n) for s in parts]) for n in ("images", "labels"))
    pool = Split(images, labels)
    return source, (pool, _read_batch(folder / _NAMES[-1], batches[_NAMES[-1]]))


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None


def _read_batch(path: pathlib.Path, data: bytes) -> Split:
    if len(data) != _RECORD * _RECORDS:
        raise UserError(
            f"{path} has {len(data)} bytes, but a batch of the binary version has "
            f"{_RECORD * _RECORDS}; fetch it again."
        )
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if digest != _MD5.get(path.name, digest):
        raise UserError(
            f"{path} is damaged (md5 {digest[:12]}... where the original has "
            f"{_MD5[path.name][:12]}...); fetch it again."
        )
    records = np.frombuffer(data, np.uint8).reshape(_RECORDS, _RECORD)
    if records[:, 0].max() > 9:
        raise UserError(
            f"{path} has the label {records[:, 0].max()}, but labels go from 0 to 9; fetch the "
            "binary version again."
        )
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Split(np.ascontiguousarray(images), records[:, 0].astype(np.int64))


def _read(builder):
    return read_split(builder, "train"), read_split(builder, "test")


_MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
}

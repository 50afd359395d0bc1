"""CIFAR-10: 32 x 32 x 3 photographs of ten kinds of things (Krizhevsky, 2009). 45,000 / 5,000 / 10,000 images.

The validation images are a random choice from the 50,000, the same every time, as the Flow-GAN paper says (its code takes
the first 500 of each class instead). From local batches (`cifar-10-batches-bin`, the binary version) fewer than
five training batches are accepted with a warning; one tenth of what is there is then validation.

Sizes and labels are checked in every batch, and the published md5 in those for which it could be verified here (1, 2, test).

A batch is 10,000 records: one byte of label, then 3,072 bytes, the planes R, G and B of 32 x 32.
"""

import hashlib
import logging
import pathlib

import numpy as np

from tfflowgan.datasets._sources import Request, first_available, read_tfds
from tfflowgan.datasets._splits import Split, Splits, splits_from
from tfflowgan.datasets._tfds import read_split
from tfflowgan.errors import UserError

__all__ = ["FLIPS", "load"]

LICENCE = "none stated; cite Krizhevsky (2009)"

_log = logging.getLogger(__name__)

FLIPS = True

_FOLDER = "cifar-10-batches-bin"
_RECORD = 1 + 3 * 32 * 32
_RECORDS = 10_000


def load(request: Request) -> Splits:
    """Loads CIFAR-10; see `tfflowgan.datasets.load`."""
    wanted = f"the folder {_FOLDER} (data_batch_1.bin to data_batch_5.bin and test_batch.bin)"
    source, (pool, test) = first_available(request, {"local": _local, **read_tfds(_read)}, wanted)
    return splits_from(request.name, source, pool, len(pool) // 10, test)


def _local(request: Request) -> tuple[str, tuple[Split, Split]] | None:
    root = request.folder()
    folders = [] if root is None else [root / _FOLDER, root]
    folder = next((f for f in folders if any(f.glob("data_batch_*.bin")) or (f / "test_batch.bin").exists()), None)
    if folder is None:
        return None
    paths = [p for p in (folder / f"data_batch_{i}.bin" for i in range(1, 6)) if p.exists()]
    if not paths:
        raise UserError(f"{folder} has no data_batch_1.bin; place at least one training batch there.")
    source = f"local originals, {len(paths)} of 5 training batches"
    if len(paths) < 5:
        _log.warning("%s has only %d of CIFAR-10's 5 training batches; all results will say so.", folder, len(paths))
    pool = [_read_batch(p) for p in paths]
    pool = Split(np.concatenate([s.images for s in pool]), np.concatenate([s.labels for s in pool]))
    return source, (pool, _read_batch(folder / "test_batch.bin"))


def _read_batch(path: pathlib.Path) -> Split:
    if not path.exists():
        raise UserError(f"{path.parent} has no {path.name}; place it beside the others.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) != _RECORD * _RECORDS:
        raise UserError(
            f"{path} has {len(data)} bytes where a batch of the binary version has {_RECORD * _RECORDS}; fetch it again."
        )
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if digest != _MD5.get(path.name, digest):
        raise UserError(f"{path} is damaged (md5 {digest[:12]}... where {_MD5[path.name][:12]}... is due); fetch it again.")
    records = np.frombuffer(data, np.uint8).reshape(_RECORDS, _RECORD)
    if records[:, 0].max() > 9:
        raise UserError(f"{path} has a label {records[:, 0].max()} where 0..9 are due; fetch the binary version again.")
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Split(np.ascontiguousarray(images), records[:, 0].astype(np.int64))


def _read(builder) -> tuple[Split, Split]:
    return read_split(builder, "train"), read_split(builder, "test")


_MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
}

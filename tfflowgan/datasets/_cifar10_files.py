"""CIFAR-10 in other forms than the folder of the binary version, as batches of that version.

    cifar-10-binary.tar.gz                                the binary version's archive
    cifar-10-batches-py/ and cifar-10-python.tar.gz       the python version, pickled

A pickled batch is {b"data": uint8 [10000, 3072], b"labels": 10000 numbers}; its rows are those of
the binary version without their label. Unpickling can run any program, so only arrays are let in.
"""

import io
import pathlib
import pickle
import tarfile
import zlib
from collections.abc import Callable

import numpy as np

from tfflowgan.errors import UserError

__all__ = ["find_batches"]

_STEMS = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")


def find_batches(root: pathlib.Path) -> tuple[pathlib.Path, dict[str, bytes]] | None:
    """The batches of the first other form that a folder has.

    Args:
      root: the folder.

    Returns:
      The folder or archive, and the records of each batch under its name in the binary version,
      such as "data_batch_1.bin"; None if there is no other form.

    Raises:
      UserError: an archive or a batch is damaged.
    """
    for folder in (root / "cifar-10-batches-py", root):
        paths = {stem: folder / stem for stem in _STEMS if (folder / stem).is_file()}
        if paths:
            return folder, {f"{s}.bin": _records(p.read_bytes(), p) for s, p in paths.items()}
    archives: dict[str, tuple[str, Callable[[bytes, pathlib.Path], bytes]]] = {
        "cifar-10-binary.tar.gz": (".bin", lambda content, _: content),
        "cifar-10-python.tar.gz": ("", _records),
    }
    for name, (ending, records) in archives.items():
        path = root / name
        if path.is_file():
            members = _members(path, {f"{stem}{ending}": f"{stem}.bin" for stem in _STEMS})
            return path, {k: records(v, path / k) for k, v in members.items()}
    return None


def _members(path, wanted):
    found = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = wanted.get(pathlib.PurePosixPath(member.name).name)
                file = archive.extractfile(member) if name and member.isfile() else None
                if name and file is not None:
                    found[name] = file.read()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise UserError(f"{path} is damaged or truncated ({error}); fetch it again.") from None
    if not found:
        raise UserError(f"{path} has none of CIFAR-10's batches; fetch it again.")
    return found


def _records(content, path):
    """The records of the binary version, of a pickled batch."""
    try:
        batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
        labels = np.asarray(batch[b"labels"], np.int64)
        data = np.asarray(batch[b"data"])
        if data.dtype != np.uint8 or data.shape != (len(labels), 3072):
            raise ValueError(f"data of shape {data.shape} and {data.dtype}")
        if not 0 <= labels.min() <= labels.max() < 256:
            raise ValueError("labels out of range")
    except Exception as error:  # a damaged pickle can raise any
        raise UserError(
            f"{path} is no batch of CIFAR-10's python version ({error}); fetch it again."
        ) from None
    return np.concatenate([labels[:, None].astype(np.uint8), data], axis=1).tobytes()


class _Unpickler(pickle.Unpickler):
    """Lets in NumPy's arrays and nothing else."""

    def find_class(self, module, name):
        known = {
            "_reconstruct": np.zeros(0).__reduce__()[0],
            "ndarray": np.ndarray,
            "dtype": np.dtype,
            "encode": _latin,
        }
        roots = {"numpy", "numpy.core.multiarray", "numpy._core.multiarray", "_codecs"}
        if module not in roots or name not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return known[name]


def _latin(text, encoding):
    """What `_codecs.encode` does for the bytes in pickles of protocol 2."""
    return text.encode(encoding)

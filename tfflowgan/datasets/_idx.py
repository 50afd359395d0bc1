"""What `mnist` and `fashion_mnist` share: four original files, 60,000 + 10,000 images of 28 x 28.

The files may also be unzipped or packed again (`_idx_files`); the images are the same ones.

Splits: 50,000 training, 10,000 validation (a fixed random choice from the 60,000), 10,000 test.
"""

from collections.abc import Callable

from tfflowgan.datasets._idx_files import find_files, read_files
from tfflowgan.datasets._sources import Request, first_available
from tfflowgan.datasets._splits import Split, Splits, splits_from
from tfflowgan.datasets._tfds import prepare_from, read_split, tfds_sources, verify_originals
from tfflowgan.errors import UserError

__all__ = ["load"]

_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def load(
    request: Request, embedded: Callable[[Request], tuple[str, Splits]] | None = None
) -> Splits:
    """Loads the 70,000 images.

    Args:
      request: see `tfflowgan.datasets.load`.
      embedded: the last source, with splits of its own; None if there is none.
    """
    sources = {"local": _local, **tfds_sources(_read)}
    if embedded is not None:
        sources["embedded"] = embedded
    source, found = first_available(
        request, sources, f"the four original files {', '.join(_FILES)}"
    )
    if isinstance(found, Splits):
        return found
    pool, test = found
    return splits_from(request.name, source, pool, 10_000, test)


def _local(request: Request) -> tuple[str, tuple[Split, Split]] | None:
    folder = request.find(*_FILES)
    if folder is not None and all((folder / name).is_file() for name in _FILES):
        try:
            verify_originals(request, folder)
        except UserError:
            paths = [folder / name for name in _FILES]
        else:
            return "local originals, checksums verified", _read(prepare_from(request, folder))
    else:
        paths = find_files(request)
        if paths is None:
            return None
    how = "packed again" if all(path.suffix == ".gz" for path in paths) else "unzipped"
    return f"local files, {how}, contents checked", read_files(request, paths)


def _read(builder):
    return read_split(builder, "train"), read_split(builder, "test")

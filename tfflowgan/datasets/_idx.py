"""What `mnist` and `fashion_mnist` share: four original files, 60,000 + 10,000 images of 28 x 28.

Splits: 50,000 training, 10,000 validation (a fixed random choice from the 60,000), 10,000 test.
"""

from collections.abc import Callable

from tfflowgan.datasets._sources import Request, first_available
from tfflowgan.datasets._splits import Split, Splits, splits_from
from tfflowgan.datasets._tfds import prepare_from, read_split, tfds_sources, verify_originals

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
    folder = request.find(_FILES[0])
    if folder is None:
        return None
    verify_originals(request, folder)
    return "local originals, checksums verified", _read(prepare_from(request, folder))


def _read(builder):
    return read_split(builder, "train"), read_split(builder, "test")

"""What `mnist` and `fashion_mnist` share: four original gz files, 60,000 + 10,000 images of 28 x 28.

Splits: 50,000 training, 10,000 validation (a random choice from the 60,000, the same every time), 10,000 test.
"""

from tfflowgan.datasets._sources import Request, first_available, prepare_from, read_tfds
from tfflowgan.datasets._splits import Split, Splits, splits_from
from tfflowgan.datasets._tfds import read_split

__all__ = ["load"]

_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def load(request: Request, embedded=None) -> Splits:
    """Loads the 70,000 images; `embedded` may give a further source of last resort, with splits of its own."""
    sources = {"local": _local, **read_tfds(_read)}
    if embedded is not None:
        sources["embedded"] = embedded
    source, found = first_available(request, sources, f"the four original files {', '.join(_FILES)}")
    if isinstance(found, Splits):
        return found
    pool, test = found
    return splits_from(request.name, source, pool, 10_000, test)


def _local(request: Request) -> tuple[str, tuple[Split, Split]] | None:
    folder = request.find(_FILES[0])
    if folder is None:
        return None
    return "local originals, checksums verified", _read(prepare_from(request, folder))


def _read(builder) -> tuple[Split, Split]:
    return read_split(builder, "train"), read_split(builder, "test")

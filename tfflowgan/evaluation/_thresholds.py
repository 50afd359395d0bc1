"""Bits per dimension that few held-out images exceed, for a card: thresholds, and a histogram.

The values are those of the served signature `bits_per_dim`: an image's mean over as many draws of
the noise as the export takes. Fewer draws would spread the values, and move the outer thresholds.
The images are the test images, since the validation images choose the weights.
"""

import numpy as np

from tfflowgan import statistics, units
from tfflowgan.datasets import Split
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop

__all__ = ["PERCENTS", "histogram", "served_bits_per_dim", "thresholds"]

PERCENTS = (90, 95, 99, 99.9)  # of the images, which lie below
_BINS = 60


def served_bits_per_dim(
    flow: Flow, images: Split, draws: int, loop: ResumableLoop = ResumableLoop()
) -> np.ndarray:
    """What the signature `bits_per_dim` gives of images, up to the draws of the noise.

    Args:
      flow: the model.
      images: uint8 images of its shape.
      draws: of an image's noise, those of the export.
      loop: shows progress and keeps partial results.

    Returns:
      Bits per dimension, float64 `[N]`.

    Raises:
      UserError: a log-density is not finite.
    """
    nats = log_probs(flow, images, draws, loop=loop, label="thresholds").mean(axis=0)
    if bad := int((~np.isfinite(nats)).sum()):
        raise UserError(
            f"--card needs finite log-densities, and {bad} of {len(nats)} test images have others."
        )
    return units.bits_per_dim(nats, flow.dims)


def thresholds(bits: np.ndarray, draws: int) -> dict:
    """Thresholds with 95 % intervals.

    Args:
      bits: bits per dimension of the test images `[N]`, finite.
      draws: of an image's noise.

    Returns:
      {"images": "test", "count", "draws", "bits_per_dim": from each of `PERCENTS`, as a string, to
      {"value", "interval"}}; an end of an interval is None where so few images cannot bound it.
    """
    found = {}
    for percent in PERCENTS:
        quantile = statistics.quantile_with_interval(bits, percent / 100)
        ends = [None if end is None else round(end, 5) for end in quantile["interval"]]
        found[str(percent)] = {"value": round(quantile["value"], 5), "interval": ends}
    return {"images": "test", "count": len(bits), "draws": draws, "bits_per_dim": found}


def histogram(bits: np.ndarray) -> dict:
    """Counts of bits per dimension `[N]`, {"edges": 61 rounded numbers, "counts": 60}."""
    low, high = np.floor(bits.min() * 1e5) / 1e5, np.ceil(bits.max() * 1e5) / 1e5
    edges = np.linspace(low, max(high, low + 0.006), _BINS + 1).round(5)
    return {"edges": edges.tolist(), "counts": np.histogram(bits, edges)[0].tolist()}

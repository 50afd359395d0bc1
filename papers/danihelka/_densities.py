"""Densities of single images at a run's last weights: medians, overlaps and their errors.

Under an adversary the NLLs of images differ by orders of magnitude, and their mean is that of a
few images, with an error that tells little. So claims are about medians, whose intervals need no
moments; means are in the tables.
"""

import numpy as np

from papers import plots
from papers.artefact import Evaluation
from papers.claims import beyond
from papers.finished_run import FinishedRun
from tfflowgan.report.format import interval, number, value
from tfflowgan.statistics import (
    Mean,
    Quantile,
    distribution_distance,
    mean_with_error,
    quantile_with_interval,
)

__all__ = ["ALIKE", "FAR", "FEW", "LIKELIHOOD", "apart", "bits", "far_worse", "listed", "median"]
__all__ += ["overlap", "rows"]

# Bits/dim, twice those of a uniform density (section 2.4); an untrained flow without a logit starts
# near 10.
FAR = 16.0
ALIKE = 0.1  # greatest difference of two cumulative distributions that are alike
FEW = {"laptop": {"limit": 2000}}
LIKELIHOOD = Evaluation("likelihood", "last", "float64", FEW)


def bits(run: FinishedRun, part: str, need: Evaluation = LIKELIHOOD) -> np.ndarray:
    """Bits/dim of every image of a split, or of "own_samples", float64 `[N]`.

    Where float32 overflowed, in which they are kept, they are its greatest number.
    """
    greatest = float(np.finfo(np.float32).max)
    values = run.arrays(*need.key)[part].astype(np.float64)
    return plots.bits(run, np.clip(values, -greatest, greatest))


def median(run: FinishedRun, part: str, need: Evaluation = LIKELIHOOD) -> Quantile:
    """The median of `bits`, with its interval."""
    return quantile_with_interval(bits(run, part, need), 0.5)


def far_worse(run: FinishedRun, limit: float = FAR) -> bool | None:
    """Whether half of the validation images have more than so many bits/dim."""
    return beyond(median(run, "validation"), limit)


def overlap(distance: Mean) -> bool | None:
    """Whether two distributions are less than `ALIKE` apart; None if too few images tell."""
    further = beyond(distance, ALIKE)
    return None if further is None else not further


def apart(run: FinishedRun, need: Evaluation = LIKELIHOOD) -> Mean:
    """How far the distributions of training and validation images are apart."""
    return distribution_distance(bits(run, "train", need), bits(run, "validation", need))


def listed(quantile: Quantile) -> str:
    """A median with its interval."""
    return f"{number(quantile['value'], 3)} ({interval(quantile, 3)})"


def rows(
    runs: dict[str, FinishedRun], parts: tuple[str, ...], need: Evaluation = LIKELIHOOD
) -> tuple[list[str], list[list[str]]]:
    """A table: one row per run and kind of images, with mean and median."""
    header = ["run", "images", "count", "bits/dim, mean", "median (95 % interval)"]
    lines = []
    for label, run in runs.items():
        for part in parts:
            values = bits(run, part, need)
            mean = value(mean_with_error(values), 3)
            middle = listed(quantile_with_interval(values, 0.5))
            lines.append([label, part.replace("_", " "), f"{len(values):,}", mean, middle])
    return header, lines

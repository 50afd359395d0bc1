"""How well scores tell the images of `--unusual` from those of `--images`: STEM.json and pictures.

    STEM.json         AUROC and average precision of every score, with 95 % intervals; the threshold
    STEM.png          ROC and PR curves of every score
    STEM.sheet.png    the most and the least unusual images of both folders

The best of several scores on the images that compare them is the best in part by chance: its AUROC
is higher than it will be on other images. A score that was fixed beforehand is not: by `--score`,
or chosen on made defects (`tfflowgan.scoring.choice`).
"""

import array
import heapq
import itertools
import json
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.report.results import FORMAT
from tfflowgan.scoring import auroc, pictures
from tfflowgan.scoring.reference import Reference
from tfflowgan.scoring.rows import Row, threshold_of

__all__ = ["Collector", "outputs", "result", "write"]

KINDS = ("usual", "unusual")
OPTIMISTIC = (
    "chosen on the very images that it is measured on, so its AUROC is optimistic; fix a score "
    "beforehand with --score"
)


class Collector:
    """Takes rows one by one; holds the scores of all, and the paths of a few."""

    def __init__(self, names: list[str], shown: str):
        """Starts without rows.

        Args:
          names: of the scores, columns of rows ("likelihood" is the column bits_per_dim).
          shown: the score that orders the images of the sheet.
        """
        self._values = {name: (array.array("d"), array.array("d")) for name in names}
        self._shown, self._count = shown, itertools.count()
        self._most: tuple[list, list] = ([], [])
        self._least: tuple[list, list] = ([], [])

    def add(self, row: Row) -> None:
        """Takes a row with the column `unusual`."""
        kind = row["unusual"]
        for name, found in self._values.items():
            value = row[_column(name)]
            found[kind].append(np.nan if value is None else value)
        value = row[_column(self._shown)]
        if value is not None:
            for heap, key in ((self._most[kind], value), (self._least[kind], -value)):
                heapq.heappush(heap, (key, next(self._count), row["path"], value))
                if len(heap) > pictures.SHOWN:
                    heapq.heappop(heap)

    def arrays(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Every score of usual and of unusual images, float64; NaN where it is not known."""
        return {
            name: (np.array(usual), np.array(unusual))
            for name, (usual, unusual) in self._values.items()
        }

    def sheet(self) -> list[tuple[str, list[tuple[str, float]]]]:
        """Rows of the sheet: a title, and (path, score) of images, the most unusual first."""
        rows = []
        for label in (1, 0):
            most = [(path, value) for *_, path, value in sorted(self._most[label])[::-1]]
            least = [(path, value) for *_, path, value in sorted(self._least[label])[::-1]]
            folder = ("--images", "--unusual")[label]
            rows += [(f"{folder}: most unusual", most), (f"{folder}: least unusual", least)]
        return rows


def outputs(output: pathlib.Path) -> dict[str, pathlib.Path]:
    """The files beside a table, by kind: "json", "curves" and "sheet"."""
    endings = {"json": ".json", "curves": ".png", "sheet": ".sheet.png"}
    return {kind: output.with_name(output.stem + ending) for kind, ending in endings.items()}


def result(
    collector: Collector,
    reference: Reference | None,
    score: str,
    chosen: bool,
    threshold: float,
) -> dict[str, Any]:
    """What the JSON file holds.

    Args:
      collector: with all rows.
      reference: of the model; None if there is none.
      score: that of the flag.
      chosen: whether it was fixed beforehand.
      threshold: share of held-out images below the threshold, in percent.

    Raises:
      UserError: one of the folders has no image that could be scored.
    """
    values = collector.arrays()
    counts = {kind: len(part) for kind, part in zip(KINDS, values[score], strict=True)}
    for kind, flag in zip(KINDS, ("images", "unusual"), strict=True):
        if not counts[kind]:
            raise UserError(f"--{flag} has no image that could be scored, so nothing is compared.")
    found = {}
    for name, (usual, unusual) in values.items():
        if np.isfinite(usual).all() and np.isfinite(unusual).all():
            area = auroc.auroc_with_interval(unusual, usual)
            precision = auroc.average_precision_with_interval(unusual, usual)
            found[name] = {"auroc": area, "average_precision": precision}
    if not found:
        raise UserError("no score is a finite number for all images, so nothing is compared.")
    most = max(entry["auroc"]["value"] for entry in found.values())
    best = [name for name, entry in found.items() if entry["auroc"]["value"] == most]
    return {
        "format": FORMAT,
        "counts": counts,
        "scores": found,
        "unknown_scores": sorted(values.keys() - found.keys()),
        "best": {"scores": best, "remark": None if len(found) == 1 else OPTIMISTIC},
        "score": {"name": score, "fixed_beforehand": chosen},
        "threshold": _threshold(values[score], reference, score, threshold),
    }


def _threshold(values, reference, score, threshold):
    """How many of each folder are flagged; None without held-out images of the model."""
    limit = threshold_of(reference, score, threshold)
    if limit is None:
        return None
    usual, unusual = (part > limit["value"] for part in values)
    return {
        "percent_of_held_out": threshold,
        "held_out": limit["count"],
        "value": limit["value"],
        "interval": limit["interval"],
        "true_positives": int(unusual.sum()),
        "false_negatives": int((~unusual).sum()),
        "false_positives": int(usual.sum()),
        "true_negatives": int((~usual).sum()),
    }


def write(
    output: pathlib.Path,
    found: dict[str, Any],
    collector: Collector,
    pixels: Callable[[str], np.ndarray],
) -> list[pathlib.Path]:
    """Writes the three files beside a table.

    Args:
      output: the table.
      found: of `result`.
      collector: with all rows.
      pixels: from the path in a row to the image as the model sees it, uint8 `[H, W, C]`.

    Returns:
      Their paths.

    Raises:
      UserError: they cannot be written.
    """
    paths = outputs(output)
    try:
        write_atomically(paths["json"], json.dumps(found, indent=1, allow_nan=False) + "\n")
        pictures.save(pictures.curves(found, collector.arrays()), paths["curves"])
        sheet = pictures.sheet(collector.sheet(), pixels, found["score"]["name"])
        pictures.save(sheet, paths["sheet"])
    except OSError as error:
        raise UserError(f"--output={output}: {error.filename}: {error.strerror}.") from None
    return list(paths.values())


def _column(name):
    return "bits_per_dim" if name == "likelihood" else name

"""Pictures beside a table: ROC and PR curves, and a sheet of the most and least unusual images."""

import os
import pathlib
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfflowgan.report.axes import COLOURS
from tfflowgan.scoring import auroc

__all__ = ["SHOWN", "curves", "save", "sheet"]

SHOWN = 8  # images in each row of the sheet
_POINTS = 2000  # of a curve

Values = dict[str, tuple[np.ndarray, np.ndarray]]  # score -> of usual and unusual images


def save(figure: Figure, path: pathlib.Path) -> None:
    """Writes a figure as PNG, whole or not at all.

    Raises:
      OSError: the folder cannot be written.
    """
    part = path.with_name(f".{uuid.uuid4().hex[:8]}-{path.name}")
    figure.savefig(part, dpi=120)
    os.replace(part, path)


def curves(found: dict[str, Any], values: Values) -> Figure:
    """ROC and PR curves of every score, and the threshold of the flag.

    Args:
      found: of `separation.result`.
      values: all scores.
    """
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    roc, pr = figure.subplots(1, 2)
    for i, name in enumerate(found["scores"]):
        usual, unusual = values[name]
        points = auroc.curves(unusual, usual)
        some = np.unique(np.linspace(0, len(points.thresholds) - 1, _POINTS).astype(int))
        area, precision = (found["scores"][name][k] for k in ("auroc", "average_precision"))
        ends = np.concatenate([[0.0], points.false_positives[some]])
        roc.plot(
            ends,
            np.concatenate([[0.0], points.true_positives[some]]),
            color=COLOURS[i % len(COLOURS)],
            label=f"{name}: {_area(area)}",
        )
        pr.step(
            points.true_positives[some],
            points.precision[some],
            where="post",
            color=COLOURS[i % len(COLOURS)],
            label=f"{name}: {_area(precision)}",
        )
    roc.plot([0, 1], [0, 1], ":", color="grey", label="a score that knows nothing")
    share = found["counts"]["unusual"] / sum(found["counts"].values())
    pr.axhline(share, ls=":", color="grey", label="a score that knows nothing")
    _mark(roc, pr, found)
    counts = found["counts"]
    figure.suptitle(f"{counts['unusual']} unusual and {counts['usual']} usual images")
    _label(roc, "usual images above the threshold", "unusual images above it", "ROC (AUROC)")
    _label(pr, "unusual images found (recall)", "unusual among those found", "PR (AP)")
    return figure


def _mark(roc: Axes, pr: Axes, found):
    """The threshold of the flag."""
    limit = found["threshold"]
    if limit is None:
        return
    true, false = limit["true_positives"], limit["false_positives"]
    label = f"flag: {found['score']['name']} above {limit['percent_of_held_out']:g} % of held-out"
    recall = true / found["counts"]["unusual"]
    roc.plot([false / found["counts"]["usual"]], [recall], "k*", ms=11, label=label)
    if true + false:
        pr.plot([recall], [true / (true + false)], "k*", ms=11, label=label)


def _label(axis: Axes, across, up, title):
    axis.set(xlabel=across, ylabel=up, title=title, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axis.legend(loc="lower right" if "ROC" in title else "lower left", fontsize=8)


def _area(area):
    if area["interval"] is None:
        return f"{area['value']:.3f}"
    low, high = area["interval"]
    return f"{area['value']:.3f} ({low:.3f} to {high:.3f})"


def sheet(
    rows: list[tuple[str, list[tuple[str, float]]]],
    pixels: Callable[[str], np.ndarray],
    score: str,
) -> Figure:
    """Rows of images under titles.

    Args:
      rows: of `separation.Collector.sheet`.
      pixels: from the path in a row to the image as the model sees it, uint8 `[H, W, C]`.
      score: its name.
    """
    figure = Figure(figsize=(1.4 * SHOWN, 7.4), layout="constrained")
    figure.suptitle(f"score: {score}; higher is more unusual")
    parts: Any = figure.subfigures(len(rows), 1)
    for part, (title, images) in zip(parts, rows, strict=True):
        part.suptitle(title, x=0.01, ha="left", fontsize=9)
        for axis, (path, value) in zip(part.subplots(1, SHOWN).flat, images, strict=False):
            image = pixels(path)
            grey = image.shape[-1] == 1
            axis.imshow(image[..., 0] if grey else image, cmap="gray", vmin=0, vmax=255)
            name = path.replace("\\", "/").rpartition("/")[2]
            axis.set_title(f"{name[-22:]}\n{value:.3f}", fontsize=6)
        for axis in part.axes:
            axis.axis("off")
    return figure

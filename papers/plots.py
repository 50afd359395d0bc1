"""What the artefacts' figures have in common."""

import math
import pathlib
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from papers.finished_run import FinishedRun
from tfflowgan import units
from tfflowgan.report.axes import COLOURS, fold_extremes
from tfflowgan.report.format import number

__all__ = ["bits", "colour", "curves", "order", "panels", "pictures"]


def panels(
    count: int, columns: int = 2, width: float = 4.5, height: float = 3.4
) -> tuple[Figure, list[Axes]]:
    """A figure of `count` axes, `columns` per row; width and height of each in inches."""
    columns = min(columns, count)
    lines = math.ceil(count / columns)
    drawing = Figure(figsize=(width * columns, height * lines), layout="constrained")
    axes = list(drawing.subplots(lines, columns, squeeze=False).flat)
    for axis in axes[count:]:
        axis.axis("off")
    return drawing, axes[:count]


def pictures(rows: list[list[tuple[str, pathlib.Path]]], side: float = 3.0) -> Figure:
    """Pictures with their titles.

    Args:
      rows: one list of titles and files per row.
      side: width per picture, in inches.
    """
    columns = max(len(row) for row in rows)
    with Image.open(rows[0][0][1]) as first:
        shape = first.height / first.width
    drawing = Figure(
        figsize=(side * columns, (side * shape + 0.3) * len(rows)),
        layout="constrained",
    )
    for axes, row in zip(drawing.subplots(len(rows), columns, squeeze=False), rows, strict=True):
        for axis in axes:
            axis.axis("off")
        for axis, (title, path) in zip(axes, row, strict=False):
            with Image.open(path) as image:
                grey = image.mode == "L"
                axis.imshow(image, cmap="gray" if grey else None, interpolation="auto")
            axis.set_title(title, fontsize="small")
    return drawing


def curves(
    axis: Axes,
    lines: dict[str, tuple[FinishedRun, str]],
    ylabel: str,
    in_bits: bool = False,
    legend: bool = True,
) -> None:
    """Numbers of metrics.jsonl over generator steps.

    Args:
      axis: where to draw.
      lines: label -> run and name of the number. One colour per run; numbers of the training split
        are dotted, of the test split dashed.
      ylabel: label of the y axis.
      in_bits: whether to turn nats into bits/dim.
      legend: whether the axis gets a legend.
    """
    colours: dict[str, str] = {}
    everything: list[float] = []
    for label, (run, name) in lines.items():
        steps, values = run.curve(name)
        if not steps:
            continue
        if in_bits:
            values = [units.bits_per_dim(-v, run.dims) for v in values]
        values = [v if math.isfinite(v) else math.nan for v in values]
        everything += [v for v in values if not math.isnan(v)]
        style = ":" if "train" in name else "--" if "test" in name else "-"
        line_colour = colours.setdefault(run.name, colour(len(colours)))
        axis.plot(steps, values, style, color=line_colour, label=label)
    if everything:
        fold_extremes(axis, everything)
    axis.set_xlabel("generator steps")
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    if everything and legend:
        axis.legend(fontsize="x-small")


def colour(index: int) -> str:
    """The colour of the index-th run."""
    return COLOURS[index % len(COLOURS)]


def bits(run: FinishedRun, nats: Any) -> Any:
    """Bits per dimension of NLLs in nats per image: a number, or an array of any shape."""
    return units.bits_per_dim(-nats, run.dims)


def order(values: dict[str, float], digits: int = 2) -> str:
    """Values in ascending order, such as "a -1.00 < b 2.00"."""
    ordered = sorted(values.items(), key=lambda item: item[1])
    return " < ".join(f"{name} {number(value, digits)}" for name, value in ordered)

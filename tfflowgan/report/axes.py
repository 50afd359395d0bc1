"""Colours, scales, panels and error bars that several figures share."""

import math

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["COLOURS", "colours", "fold_extremes", "panels", "spread", "whiskers", "with_gaps"]

COLOURS = (
    "tab:blue",
    "tab:orange",
    "tab:green",
    "tab:red",
    "tab:purple",
    "tab:brown",
    "tab:pink",
    "tab:gray",
)  # one per run


def colours(count: int) -> list:
    """As many colours as there are runs: `COLOURS` if they suffice, else shades of one scale."""
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    return [matplotlib.colormaps["turbo"](0.05 + 0.9 * i / (count - 1)) for i in range(count)]


def panels(figure: Figure, count: int, columns: int) -> list[Axes]:
    """Panels that fill a figure: where they would leave a gap, those of the first row are wide.

    Args:
      figure: an empty figure.
      count: of panels.
      columns: at most so many in a row.
    """
    if not count:
        return []
    columns = min(columns, count)
    rows = -(-count // columns)
    first = count - (rows - 1) * columns
    parts = math.lcm(first, columns)
    grid = figure.add_gridspec(rows, parts)
    found = []
    for row in range(rows):
        width = parts // (first if row == 0 else columns)
        starts = range(0, parts, width)
        found += [figure.add_subplot(grid[row, start : start + width]) for start in starts]
    return found


def spread(axis: Axes, values: list[float]) -> None:
    """Makes the horizontal scale logarithmic if values span two decades or more.

    With zeros among them, the scale is linear up to the smallest other value; with negative ones it
    stays linear.
    """
    positive = [value for value in values if value > 0]
    if (
        min(values) < 0 or not positive or max(positive) < 99 * min(positive)
    ):  # not 100: 0.1 / 0.001 is less
        return
    if min(values) > 0:
        axis.set_xscale("log")
    else:
        axis.set_xscale("symlog", linthresh=min(positive))


def fold_extremes(axis: Axes, values: list[float]) -> bool:
    """Makes the vertical scale logarithmic if some values are far beyond 1,000.

    With values of 0 or less, the scale is linear up to 1,000.

    Returns:
      Whether the scale is logarithmic.
    """
    sizes = sorted(abs(value) for value in values)
    far = bool(sizes) and sizes[-1] > 10 * max(1000.0, sizes[len(sizes) // 4])
    if far:
        if min(values) > 0:
            axis.set_yscale("log")
        else:
            axis.set_yscale("symlog", linthresh=1000.0)
            axis.set_yticks(_powers(min(values), max(values)))
    return far


def _powers(low, high):
    """Zero and powers of ten from 1,000 on, on both sides: those that matplotlib finds overlap."""
    ends = [math.ceil(math.log10(max(1000.0, size))) for size in (-low, high)]
    every = 1 + sum(ends) // 10
    below, above = ([10.0**k for k in range(3, end + 1, every)] for end in ends)
    return [*(-tick for tick in reversed(below)), 0.0, *above]


def whiskers(entries: list[dict]) -> list[list[float]]:
    """Error bars below and above means with an "interval", for matplotlib's `yerr`."""
    return [
        [max(0.0, entry["value"] - entry["interval"][0]) for entry in entries],
        [max(0.0, entry["interval"][1] - entry["value"]) for entry in entries],
    ]


def with_gaps(values: list[float | None]) -> list[float]:
    """Values to draw as a line that is interrupted where one is not known."""
    return [float("nan") if value is None else value for value in values]

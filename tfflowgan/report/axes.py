"""Colours, scales and error bars that several figures share."""

from matplotlib.axes import Axes

__all__ = ["COLOURS", "fold_extremes", "whiskers", "with_gaps"]

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
    return far


def whiskers(entries: list[dict]) -> list[list[float]]:
    """Error bars below and above means with an "interval", for matplotlib's `yerr`."""
    return [
        [max(0.0, entry["value"] - entry["interval"][0]) for entry in entries],
        [max(0.0, entry["interval"][1] - entry["value"]) for entry in entries],
    ]


def with_gaps(values: list[float | None]) -> list[float]:
    """Values to draw as a line that is interrupted where one is not known."""
    return [float("nan") if value is None else value for value in values]

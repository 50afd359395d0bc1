"""What several figures do with their axes."""

__all__ = ["COLOURS", "fold_extremes", "whiskers"]

COLOURS = (
    "tab:blue",
    "tab:orange",
    "tab:green",
    "tab:red",
    "tab:purple",
    "tab:brown",
    "tab:pink",
    "tab:gray",
)  # a run


def fold_extremes(axis, values: list[float]) -> bool:
    """A logarithmic scale where values go far beyond 1,000, linear below that if some are negative; tells whether they do."""
    sizes = sorted(abs(value) for value in values)
    far = bool(sizes) and sizes[-1] > 10 * max(1000.0, sizes[len(sizes) // 4])
    if far:
        if min(values) > 0:
            axis.set_yscale("log")
        else:
            axis.set_yscale("symlog", linthresh=1000.0)
    return far


def whiskers(entries: list[dict]) -> list[list[float]]:
    """Lengths below and above, for matplotlib's `yerr`, of means with an "interval"."""
    return [
        [max(0.0, entry["value"] - entry["interval"][0]) for entry in entries],
        [max(0.0, entry["interval"][1] - entry["value"]) for entry in entries],
    ]

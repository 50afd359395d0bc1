"""Distance by each run's independent critic over generator steps.

Runs that differ only in their seed share one line, their mean, in a band from the smallest to the
largest value (Danihelka et al., 2017, Figures 9, 12 and 14).
"""

import itertools

import numpy as np
from matplotlib.figure import Figure

from tfflowgan.report.axes import COLOURS
from tfflowgan.report.format import number

__all__ = ["figure", "groups", "table"]

_ANY = (  # settings in which the runs of one group may differ
    "seed",
    "data_dir",
    "data_source",
    "strategy",
    "checkpoint_minutes",
)
_PARTS = {"validation": "-", "train": ":"}


def groups(runs: list[dict]) -> dict[str, list[dict]]:
    """Groups the runs that have an independent critic.

    Args:
      runs: {"label", "config", "data", "rows"} each, as the page reads them.

    Returns:
      Groups of runs with equal configurations and equal images. The key is the first run's label,
      with the seeds if there are several runs.
    """
    same = {}
    for run in runs:
        if any(row.get("independent_validation") is not None for row in run["rows"]):
            what = [(k, v) for k, v in run["config"].items() if k not in _ANY]
            same.setdefault(repr((run["data"]["fingerprint"], sorted(what))), []).append(run)
    return {_label(members): members for members in same.values()}


def _label(members):
    seeds = ", ".join(str(run["config"]["seed"]) for run in members)
    return members[0]["label"] + (f" (seeds {seeds})" if len(members) > 1 else "")


def figure(runs: list[dict]) -> Figure | None:
    """Draws all runs in one panel; None if no run has an independent critic."""
    members = groups(runs)
    if not members:
        return None
    drawing = Figure(figsize=(8, 4), layout="constrained")
    axes = drawing.subplots()
    for (label, group), colour in zip(members.items(), itertools.cycle(COLOURS), strict=False):
        for part, line in _PARTS.items():
            steps, values = _series(group, part)
            axes.plot(
                steps,
                values.mean(0),
                line,
                color=colour,
                label=label if part == "validation" else None,
            )
            if len(group) > 1 and part == "validation":
                axes.fill_between(
                    steps, values.min(0), values.max(0), color=colour, alpha=0.2, linewidth=0
                )
    axes.set(
        xlabel="generator steps",
        ylabel="distance (critic's units)",
        title="validation images; dotted: training images",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    return drawing


def table(runs: list[dict]) -> tuple[list[str], list[list[str]]]:
    """The last readings, one row per group: the mean, and the range over several seeds."""
    header = ["runs", "steps", "train", "validation", "test"]
    rows = []
    for label, group in groups(runs).items():
        cells = []
        for part in ("train", "validation", "test"):
            steps, values = _series(group, part)
            last = values[:, -1]
            spread = (
                f" ({number(last.min(), 4)} to {number(last.max(), 4)})" if len(group) > 1 else ""
            )
            cells.append(number(last.mean(), 4) + spread)
        rows.append([label, str(steps[-1]), *cells])
    return header, rows


def _series(group, part):
    """The steps that all runs of a group have, `[S]`, and their readings `[runs, S]`."""
    readings = [
        {
            r["step"]: r[f"independent_{part}"]
            for r in run["rows"]
            if r.get(f"independent_{part}") is not None
        }
        for run in group
    ]
    steps = sorted(set.intersection(*map(set, readings)))
    return np.array(steps), np.array([[values[step] for step in steps] for values in readings])

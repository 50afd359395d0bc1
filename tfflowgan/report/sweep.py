"""Numbers of several runs over one setting, as a figure and as a table of one row per run.

Every run is a point, with its standard error where one is known. Runs that differ only in their
seed stand at the same place, and the line goes through their mean. There is no line if other
settings differ too and no two runs share a place, as in a random search. Dashed lines are runs to
which the setting does not apply, such as one by likelihood alone beside several weights.
"""

import csv
import dataclasses
import io
import statistics
from typing import Any

from matplotlib.figure import Figure

from tfflowgan.report import differences
from tfflowgan.report.axes import colours, fold_extremes, panels, spread
from tfflowgan.report.format import number
from tfflowgan.report.quantities import Number, Numbers

__all__ = ["Sweep", "as_csv", "figure", "notes", "sweep", "table"]

_COLUMNS = 3


@dataclasses.dataclass(frozen=True)
class Sweep:
    """Numbers of runs over a setting.

    Attributes:
      x: the setting's name; None for a table alone.
      values: its value in each run; None where it does not apply.
      numbers: of each run, by name; None where a run does not have it.
      runs: as `read_run` returns them.
    """

    x: str | None
    values: list[Any]
    numbers: dict[str, list[Number | None]]
    runs: list[dict]


def sweep(runs: list[dict], x: str | None, y: list[str]) -> Sweep:
    """Collects the numbers.

    Args:
      runs: as `read_run` returns them.
      x: a setting, or None.
      y: names of numbers; empty for the most important ones with `x`, for all without.

    Raises:
      UserError: a name is not known.
    """
    values = differences.setting(x, runs) if x else [None] * len(runs)
    numbers = Numbers(runs)
    names = y or (numbers.headline() if x else numbers.all())
    return Sweep(x, values, {name: numbers.of(name) for name in names}, runs)


def figure(found: Sweep) -> Figure | None:
    """One panel per number; None without a setting or without numbers."""
    if found.x is None or not found.numbers:
        return None
    count = len(found.numbers)
    columns = 2 if count in (2, 4) else min(count, _COLUMNS)
    lines = -(-count // columns)
    drawing = Figure(figsize=(max(6.0, 4.6 * columns), 3.6 * lines), layout="constrained")
    for axis, name in zip(panels(drawing, count, columns), found.numbers, strict=True):
        _panel(axis, found, name)
    return drawing


def table(found: Sweep) -> tuple[list[str], list[list[str]]]:
    """One row per run: its label, the settings that differ, the numbers."""
    names = _settings(found)
    rows = []
    for i, run in enumerate(found.runs):
        cells = [differences.shown(run["config"].get(name)) for name in names]
        cells += [_cell(numbers[i]) for numbers in found.numbers.values()]
        rows.append([run["label"], *cells])
    return ["run", *names, *found.numbers], rows


def as_csv(found: Sweep) -> str:
    """The same with all digits, errors in columns of their own, and the runs' folders."""
    names = _settings(found)
    with_errors = {
        name
        for name, all_of in found.numbers.items()
        if any(n and n.error is not None for n in all_of)
    }
    header = ["run", *names]
    for name in found.numbers:
        header += [name, *([f"{name}_standard_error"] if name in with_errors else [])]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "folder"])
    for i, run in enumerate(found.runs):
        cells = [run["label"], *(_plain(run["config"].get(name)) for name in names)]
        for name, all_of in found.numbers.items():
            here = all_of[i]
            cells.append(here.value if here else "")
            if name in with_errors:
                cells.append("" if here is None or here.error is None else here.error)
        writer.writerow([*cells, run["folder"]])
    return text.getvalue()


def notes(found: Sweep) -> list[str]:
    """Where the numbers are from, and what is missing."""
    lines = []
    for name, all_of in found.numbers.items():
        sources = dict.fromkeys(n.source for n in all_of if n)
        missing = [run["label"] for run, n in zip(found.runs, all_of, strict=True) if n is None]
        without = f"; not known of {', '.join(missing)}" if missing else ""
        lines.append(f"{name}: {', '.join(sources)}{without}.")
    if others := dict.fromkeys(other for name in found.numbers for other in _untold(found, name)):
        lines.append(
            f"No two runs have the same {found.x}, and other settings differ too "
            f"({', '.join(others)}), so the points have no line."
        )
    if found.x is not None and len({repr(value) for value in found.values}) == 1:
        lines.append(f"{found.x} is {differences.shown(found.values[0])} in all of these runs.")
    return lines


def _panel(axis, found, name):
    numbers = found.numbers[name]
    known = [i for i, n in enumerate(numbers) if n is not None]
    placed = [i for i in known if found.values[i] is not None]
    categories = None if _numeric(found.values) else _categories(found.values)
    at = {
        i: categories.index(differences.shown(found.values[i])) if categories else found.values[i]
        for i in placed
    }
    beside = _untold(found, name)
    style = "_" if categories else "" if beside else "-"
    groups = differences.series([found.runs[i] for i in placed], found.x)
    if beside:
        groups = {_too(beside): [found.runs[i] for i in placed]}
    of_run = {found.runs[i]["label"]: i for i in placed}
    others = [i for i in known if found.values[i] is None]
    shades = colours(len(groups) + len(others))
    for (label, members), colour in zip(groups.items(), shades, strict=False):
        _line(axis, [of_run[run["label"]] for run in members], at, numbers, colour, label, style)
    for i, colour in zip(others, shades[len(groups) :], strict=True):
        label = f"{found.runs[i]['label']}, without {found.x}"
        axis.axhline(numbers[i].value, linestyle="--", color=colour, label=label)
    fold_extremes(axis, [numbers[i].value for i in known])
    if categories:
        axis.set_xticks(range(len(categories)), categories, rotation=20 * (len(categories) > 5))
        axis.set_xlim(-0.5, len(categories) - 0.5)
    elif at:
        spread(axis, list(at.values()))
    axis.set(xlabel=found.x, ylabel=name)
    axis.grid(alpha=0.3)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize="small")


def _line(axis, members, at, numbers, colour, label, style):
    """The points of one series, and their means: a line, marks if style is "_", none if ""."""
    errors = [numbers[i].error or 0.0 for i in members]
    points = axis.errorbar(
        [at[i] for i in members],
        [numbers[i].value for i in members],
        errors if any(errors) else None,
        fmt="o",
        markersize=4,
        capsize=3,
        color=colour,
    )
    places = sorted({at[i] for i in members})
    means = [statistics.fmean(numbers[i].value for i in members if at[i] == x) for x in places]
    several = len(places) < len(members)
    text = ", ".join(filter(None, [label, "mean of seeds" if several else ""]))
    if style:
        axis.plot(places, means, style, markersize=16, color=colour, label=text or None)
    else:
        points.set_label(text)


def _untold(found, name):
    """The settings that differ beside that of the sweep, where each run is a case of its own."""
    known = zip(found.runs, found.values, found.numbers[name], strict=True)
    placed = [run for run, x, number in known if x is not None and number is not None]
    return differences.untold(placed, found.x) if found.x is not None else []


def _too(names):
    few = ", ".join(names) if len(names) <= 3 else f"{len(names)} other settings"
    return f"{few} {'differs' if len(names) == 1 else 'differ'} too"


def _settings(found):
    names = [name for name in differences.differing(found.runs) if name != found.x]
    return [*([found.x] if found.x else []), *names]


def _numeric(values):
    return all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in values
        if value is not None
    )


def _categories(values):
    return list(dict.fromkeys(differences.shown(value) for value in values if value is not None))


def _cell(here):
    if here is None:
        return "-"
    digits = 4 if abs(here.value) < 100 else 2
    text = number(here.value, digits)
    return text if here.error is None else f"{text} +- {number(here.error, digits)}"


def _plain(value):
    return (
        ""
        if value is None
        else differences.shown(value)
        if isinstance(value, str | bool)
        else value
    )

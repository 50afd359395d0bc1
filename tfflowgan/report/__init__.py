"""Figures, tables and pages drawn from the JSON of runs and evaluations. Imports no TensorFlow.

A module named after an evaluation shows its results, several runs side by side:

    table(results)    the header and the rows of a table, as text
    figure(results)   a matplotlib `Figure`, or None
    notes(results)    sentences that help to read the numbers

An evaluation of the user's own is shown by `tfflowgan.report.own`.

`results` maps a run's label to the contents of its JSON file.
"""

import importlib
import os
import pathlib
import types

from tfflowgan import plugins

__all__ = ["save_figure", "show", "text"]


def show(name: str) -> types.ModuleType:
    """The module that shows the results of an evaluation."""
    if name not in plugins.names("evaluation"):
        return importlib.import_module("tfflowgan.report.own")
    return plugins.load("report", name, "evaluations")


def save_figure(name: str, results: dict[str, dict], path: pathlib.Path) -> bool:
    """Draws the results of an evaluation into a PNG file, complete or not at all.

    Returns:
      Whether there is anything to draw.
    """
    figure = show(name).figure(results)
    if figure is None:
        return False
    part = path.with_suffix(".part")
    figure.savefig(part, dpi=100, format="png")
    os.replace(part, path)
    return True


def text(name: str, results: dict[str, dict]) -> str:
    """The table and the notes of an evaluation, for a terminal."""
    module = show(name)
    header, rows = module.table(results)
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [header, *rows]
    ]
    return "\n".join([*lines, *module.notes(results)])

"""The state of a training by a program, on disk: whole after every save, also if killed in one.

    OUTPUT/progress.json                  step, seconds, devices, and which files hold the variables
    OUTPUT/state-STEP.json, _000.npz ...  all variables at a step
    OUTPUT/metrics.jsonl                  running means at the end of each period

A save writes new files first, then progress.json, and removes the old files last.
"""

import json
import math
import pathlib
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.portable._files import read_arrays, remove_arrays, write_arrays

__all__ = ["append_means", "keep_means", "read_progress", "read_variables", "save"]


def read_progress(folder: pathlib.Path) -> dict | None:
    """What progress.json says; None if there is none.

    Raises:
      UserError: it is damaged.
    """
    path = folder / "progress.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text())
        if {"program", "step", "seconds", "state", "stretches"} <= found.keys():
            return found
    except (OSError, ValueError, AttributeError):
        pass
    raise UserError(f"{path} is damaged; restore it from a copy, or start over in another folder.")


def read_variables(folder: pathlib.Path, progress: dict) -> dict[str, np.ndarray]:
    """The variables that belong to progress.json."""
    return read_arrays(folder, progress["state"])


def save(
    folder: pathlib.Path,
    progress: dict[str, Any],
    variables: dict[str, np.ndarray],
    part_bytes: int,
    halved: frozenset[str],
) -> None:
    """Writes a state.

    Args:
      folder: exists.
      progress: of progress.json, without "state".
      variables: by name.
      part_bytes: the most that a file holds.
      halved: names of those to be written as bfloat16.
    """
    before = read_progress(folder)
    stem = f"state-{progress['step']:09d}"
    if before and before["state"] == stem:
        stem += "-again"
    write_arrays(folder, stem, variables, part_bytes, halved, compress=False)
    write_atomically(
        folder / "progress.json", json.dumps(progress | {"state": stem}, indent=2) + "\n"
    )
    for old in {path.stem for path in folder.glob("state-*.json")} - {stem}:
        remove_arrays(folder, old)


def append_means(folder: pathlib.Path, row: dict) -> None:
    """Adds a line to metrics.jsonl."""
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


def keep_means(folder: pathlib.Path, step: int) -> None:
    """Drops the lines of steps after `step`, which will be repeated."""
    path = folder / "metrics.jsonl"
    if path.exists():
        rows = [line for line in path.read_text().splitlines() if _step(line) <= step]
        write_atomically(path, "".join(f"{line}\n" for line in rows))


def _step(line):
    """The step of a line; one that was written in part is of no step that counts."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return math.inf

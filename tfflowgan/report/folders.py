"""The runs that a report is about: which folders are meant, and what is in each."""

import glob
import json
import math
import pathlib

from tfflowgan.config import filled
from tfflowgan.errors import UserError
from tfflowgan.report import avb
from tfflowgan.report.columns import COLUMNS
from tfflowgan.report.results import read

__all__ = ["find", "read_run"]

_DATA = {"name": str, "source": str, "fingerprint": str, "image_shape": list}
_DATA |= {split: int for split in ("train", "validation", "test")}


def find(text: str) -> list[pathlib.Path]:
    """The folders that `--runs` names.

    Args:
      text: comma-separated; each is a run, a folder of runs, or a pattern such as runs/sweep*.

    Raises:
      UserError: a pattern that no run matches, or nothing is named.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        folder = pathlib.Path(part)
        if folder.is_dir():
            found += [folder] if _is_run(folder) else _runs_in(folder) or [folder]
        elif glob.has_magic(part):
            matches = [pathlib.Path(match) for match in sorted(glob.glob(part))]
            runs = [match for match in matches if _is_run(match)]
            runs = runs or [run for match in matches if match.is_dir() for run in _runs_in(match)]
            if not runs:
                raise UserError(
                    f"--runs={part} matches no run; a run is a folder with a config.json."
                )
            found += runs
        else:
            found.append(folder)
    if not found:
        raise UserError(f"--runs={text} names no run; give some, as in --runs=runs/a,runs/b.")
    return found


def read_run(folder: pathlib.Path) -> dict:
    """What is known of a run.

    Args:
      folder: of a run, or with what is kept of one: config.json, data.json, metrics.jsonl, and
        results/ or the results themselves.

    Returns:
      {"label", "folder", "config", "data"}; "rows", the lines of metrics.jsonl; "results", the best
      result of every evaluation; "place", their folder; "samples", the newest picture, or None. In
      "config", a setting that the file of an older version lacks has its former value.

    Raises:
      UserError: it is not a run, or one of its files is damaged.
    """
    config = _content(folder / "config.json", {"dataset": str, "objective": str})
    if "flow" not in config or not isinstance(config.get("format", 1), int):
        raise _damaged(folder / "config.json", 'its "flow" or "format" is not one of a run')
    config = filled(config)
    data = _content(folder / "data.json", _DATA)
    shape = data["image_shape"]
    if len(shape) != 3 or not all(isinstance(side, int) and side > 0 for side in shape):
        raise _damaged(folder / "data.json", f'its "image_shape" is {shape}')
    rows = _rows(folder / "metrics.jsonl")
    place = folder / "results" if (folder / "results").is_dir() else folder
    pictures = [folder / "samples.png", *sorted((folder / "samples").glob("step-*.png"))]
    return {
        "label": folder.resolve().name,
        "folder": folder,
        "config": config,
        "data": data,
        "rows": rows,
        "results": _results(place, config.get("select")),
        "place": place,
        "samples": next((p for p in reversed(pictures) if p.exists()), None),
    }


def _content(path, types):
    """The JSON object in a file of a run, with keys of these types."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        raise UserError(
            f"--runs: {path.parent} is not a run: it has no readable config.json and data.json."
        ) from None
    if not isinstance(found, dict):
        raise _damaged(path, "it holds no JSON object")
    for name, kind in types.items():
        if not isinstance(found.get(name), kind):
            raise _damaged(path, f'its "{name}" is {json.dumps(found.get(name))}')
    return found


def _rows(path):
    """The lines of metrics.jsonl, without one that was cut off when a run was killed."""
    rows = []
    text = path.read_text(errors="replace") if path.exists() else ""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if not isinstance(row, dict):
            raise _damaged(path, f"line {number} holds no JSON object")
        if not _is_number(row.get("step")):
            raise _damaged(path, f'line {number} has no "step"')
        for name in (COLUMNS.keys() & row.keys()) - {"data"}:
            if row[name] is not None and not _is_number(row[name]):
                raise _damaged(path, f'"{name}" is no number in line {number}')
        rows.append(row)
    return rows


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _damaged(path, what):
    return UserError(f"--runs: {path} is damaged: {what}; mend it or leave the run out.")


def _is_run(folder):
    return (folder / "config.json").is_file() or avb.is_run(folder)


def _runs_in(folder):
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and _is_run(path)]


def _results(folder, select):
    """The best result of every evaluation.

    Preferred, in this order: the weights that the run selects, more images, float64, newer.
    """
    best = {}
    for path in sorted(folder.glob("*.json")):
        try:
            result = read(path)
            limit = result["options"].get("limit") or math.inf
            chosen = result["weights"]["select"] in (select, "all")
            rank = (chosen, limit, result.get("dtype") == "float64", result["provenance"]["date"])
            name = result["evaluation"]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # not an evaluation's
        if name not in best or rank > best[name][0]:
            best[name] = rank, result
    return {name: result for name, (_, result) in best.items()}

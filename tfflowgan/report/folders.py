"""The runs that a report is about: which folders are meant, and what is in each."""

import contextlib
import glob
import json
import math
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.report import avb
from tfflowgan.report.results import read

__all__ = ["find", "read_run"]


def find(text: str) -> list[pathlib.Path]:
    """The folders that `--runs` names.

    Args:
      text: comma-separated; each is a run, a folder of runs, or a pattern such as runs/sweep*.

    Raises:
      UserError: a pattern that no run matches.
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
    return found


def read_run(folder: pathlib.Path) -> dict:
    """What is known of a run.

    Args:
      folder: of a run, or with what is kept of one: config.json, data.json, metrics.jsonl, and
        results/ or the results themselves.

    Returns:
      {"label", "folder", "config", "data"}; "rows", the lines of metrics.jsonl; "results", the best
      result of every evaluation; "place", their folder; "samples", the newest picture, or None.

    Raises:
      UserError: it is not a run.
    """
    try:
        config = json.loads((folder / "config.json").read_text())
        data = json.loads((folder / "data.json").read_text())
        known = {"dataset", "objective", "flow"} <= config.keys() and {
            "image_shape",
            "fingerprint",
        } <= data.keys()
    except (OSError, ValueError, AttributeError):
        known = False
    if not known:
        raise UserError(
            f"--runs: {folder} is not a run: it has no readable config.json and data.json."
        )
    rows = []
    metrics = folder / "metrics.jsonl"
    for line in metrics.read_text().splitlines() if metrics.exists() else []:
        with contextlib.suppress(ValueError):  # a line cut off when a run was killed
            rows.append(json.loads(line))
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

"""Draws an artefact from its finished runs: its figure, and all its numbers as JSON.

OUTPUT/PAPER/NAME.png (or .jpg), .small.jpg, .json
OUTPUT/...                        pictures that an artefact makes for other pages
"""

import dataclasses
import io
import json
import pathlib
from types import ModuleType

from matplotlib.figure import Figure
from PIL import Image

from papers import artefact, settings
from papers.claims import RULES
from papers.commands import as_typed
from papers.execute import is_trained
from papers.finished_run import FinishedRun, find
from papers.plan import Plan, TrainingJob, evaluation_options, make_plan
from papers.thumbnail import write_thumbnail
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.report.results import FORMAT

__all__ = ["draw", "missing"]

_MAX_BYTES = 290_000  # of a figure
_DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "celeb_a": "CelebA"}


def missing(plan: Plan, name: str) -> list[str]:
    """What an artefact still lacks: runs, and evaluations of runs."""
    module, lacking = artefact.load(name), {}
    for label, seeds in plan.labels[name].items():
        needs = artefact.evaluations(module, label)
        for run in seeds:
            evaluations = [
                need.name
                for need in needs
                if find(run.folder, *need.key, evaluation_options(need, plan.scale)) is None
            ]
            if not is_trained(run):
                lacking[run.name] = run.name
            elif evaluations:
                lacking[run.name] = f"{', '.join(dict.fromkeys(evaluations))} of {run.name}"
    return list(lacking.values())


def draw(plan: Plan, name: str, output: pathlib.Path) -> dict:
    """Draws an artefact.

    Args:
      plan: a plan in which nothing that the artefact needs is missing.
      name: the artefact's.
      output: folder of all pages.

    Returns:
      What its JSON file holds.

    Raises:
      UserError: the folder cannot be written.
    """
    module = artefact.load(name)
    runs = {
        label: _finished_run(seeds, module, label, plan.scale)
        for label, seeds in plan.labels[name].items()
    }
    rendered = module.render(runs)
    stem = output / name
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        picture = None if rendered.figure is None else _save(rendered.figure, stem)
        for file, image in rendered.pictures.items():
            image.save(output / file)
        result = {
            "format": FORMAT,
            "artefact": name,
            "title": artefact.title(module),
            "scale": plan.scale,
            "published": module.PUBLISHED,
            "rules": RULES,
            "claims": [dataclasses.asdict(claim) for claim in rendered.claims],
            "table": rendered.table,
            "numbers": rendered.numbers,
            "headline": rendered.headline,
            "notes": rendered.notes,
            "picture": picture and picture.name,
            "runs": [_run(label, run) for label, run in runs.items()],
            "apart": settings.differences(runs),
            "unlike_paper": _unlike_paper(plan, module, runs),
            "commands": _commands(plan, name),
            "not_run": [label for label in module.RUNS if label not in runs],
            "in_place_of": _in_place_of(module, runs),
        }
        write_atomically(stem.with_suffix(".json"), json.dumps(result, indent=1) + "\n")
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return result


def _finished_run(
    seeds: list[TrainingJob], module: ModuleType, label: str, scale: str
) -> FinishedRun:
    """The run of the first seed, with those of the others."""
    needs = artefact.evaluations(module, label)
    options = {need.key: evaluation_options(need, scale) for need in needs}
    first, *others = [FinishedRun(run.name, run.folder, options) for run in seeds]
    return dataclasses.replace(first, seeds=others)


def _run(label: str, run: FinishedRun) -> dict:
    """A run as the page lists it."""
    data, end = run.data, run.end
    count = run.config.get("epochs")
    epochs = [f"{count} epoch{'s' if count > 1 else ''}"] if count else []
    steps = [f"{end['step']:,} steps"] if "step" in end else []
    counts = f"{data['train']:,} / {data['validation']:,} / {data['test']:,}"
    return {
        "label": label,
        "run": run.name,
        "images": f"{data['name']}, {data['source']}: {counts}",
        "length": ", ".join([*epochs, *steps, f"{end['seconds'] / 60:.1f} min"]),
        "from": pathlib.Path(run.config.get("init_from") or "new weights").name,
        "seeds": ", ".join(str(one.config["seed"]) for one in [run, *run.seeds]),
        "provenance": data.get("provenance", end.get("provenance")),
    }


def _unlike_paper(plan: Plan, module: ModuleType, runs: dict[str, FinishedRun]) -> dict:
    if plan.scale == "paper":
        return {}
    every = {
        label: settings.differences_from_paper(module.RUNS[label], run)
        for label, run in runs.items()
    }
    return {label: unlike for label, unlike in every.items() if unlike is not None}


def _commands(plan: Plan, name: str) -> list[str]:
    """The commands to type, without the folders of this machine; of several seeds the first."""
    alone = make_plan([name], plan.scale, pathlib.Path(f"runs/{plan.scale}"), "DIR")
    lines = []
    for run in alone.runs:
        if run.flags.get("seed"):
            continue
        lines.append(as_typed(run.command, run.arguments))
        jobs = [job for job in alone.evaluation_jobs if job.run is run]
        lines += [as_typed("evaluate", job.arguments) for job in jobs]
    return lines


def _in_place_of(module: ModuleType, runs: dict[str, FinishedRun]) -> str | None:
    """Which images stand in for the paper's, in words; None where the paper's own are used."""
    used = {run.data["name"] for run in runs.values()}
    papers = {name for name in _DATASETS if name in module.IMAGES}
    if not papers - used or not runs:
        return None
    ours, theirs = (
        " and ".join(_DATASETS.get(name, name) for name in sorted(names))
        for names in (used - papers or used, papers - used)
    )
    return f"{ours} in place of {theirs}"


def _save(figure: Figure, stem: pathlib.Path) -> pathlib.Path:
    """Saves a figure and its small copy."""
    picture = _save_large(figure, stem)
    write_thumbnail(picture)
    return picture


def _save_large(figure: Figure, stem: pathlib.Path) -> pathlib.Path:
    """Saves a PNG, or a JPEG where that would be too large, and removes an earlier other one."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    png, jpg = stem.with_suffix(".png"), stem.with_suffix(".jpg")
    if len(buffer.getvalue()) <= _MAX_BYTES:
        jpg.unlink(missing_ok=True)
        png.write_bytes(buffer.getvalue())
        return png
    png.unlink(missing_ok=True)
    image = Image.open(buffer).convert("RGB")
    for quality in (90, 80, 70, 60):
        image.save(jpg, quality=quality)
        if jpg.stat().st_size <= _MAX_BYTES:
            break
    return jpg

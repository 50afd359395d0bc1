"""`bin/score`: how unusual is each image of a folder, to a model trained on usual ones?"""

import logging
import os
import pathlib
from typing import Literal, get_args

from tfflowgan import plugins
from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_log = logging.getLogger(__name__)

_SUMMARY = (
    "Scores every image below a folder by a trained flow, one row per image: how likely it is, how "
    "unusual among the training images, and a flag. Exit code 3: some files could not be read. The "
    "same command goes on where it was interrupted."
)
_UNREADABLE = 3  # exit code
_MAPS = ("flagged", "all")
_ENGINES = Literal["local", "ray"]
_ROWS = [
    Flag("model", str, None, "a run or a SavedModel of a flow (required)", "what"),
    Flag("images", str, None, "folder of images, with all below it (required)", "what"),
    Flag(
        "unusual",
        str,
        None,
        "a second folder, known to be unusual: how well are they told apart?",
        "what",
    ),
    Flag("output", str, "scores.csv", "the table: .csv or .parquet", "what"),
    Flag(
        "score",
        str,
        None,
        "the score for percentile and flag: "
        f"{', '.join(plugins.names('scoring/scores'))} "
        "(default: the one chosen on made defects of held-out images)",
        "how",
    ),
    Flag("threshold", float, 99.0, "flag what is above this percentage of held-out images", "how"),
    Flag("frames", str, "all", "of a file that holds several: take all, or refuse it", "how"),
    Flag("draws", int, None, "noise draws per image (default: the model's, 8)", "how"),
    Flag("seed", int, None, "of the noise (default: the model's, 0)", "how"),
    Flag("select", str, None, "which weights of a run: nll, score, last or snapshot-N", "how"),
    Flag("data_dir", str, None, "where the training images of a run are now", "how"),
    allow_code("how"),
    Flag("engine", str, "local", "what computes: local (this process), ray (many)", "engine"),
    Flag(
        "ray_address",
        str,
        None,
        "with --engine=ray: a running cluster, HOST:PORT or auto (default: one of its own)",
        "engine",
    ),
    Flag(
        "ray_workers",
        int,
        None,
        "with --engine=ray: processes, each with a model (default: one per four processors)",
        "engine",
    ),
    Flag("maps", str, None, "folder for pictures of where an image is unlikely", "maps"),
    Flag("maps_of", str, "flagged", "which images: flagged, all", "maps"),
]


def main() -> None:
    """Entry point of `bin/score` and `tfflowgan-score`."""
    run("score", _SUMMARY, _ROWS, _score)


def _score(values: dict) -> int:
    for name, what in (("model", "a run or a SavedModel"), ("images", "a folder of images")):
        if values[name] is None:
            raise UserError(f"--{name} is missing; give {what}.")
        if not os.path.isdir(values[name]):
            raise UserError(f"--{name}={values[name]} is not a folder.")
    if values["maps"] is None and values["maps_of"] != "flagged":
        raise UserError(f"--maps_of={values['maps_of']} does nothing without --maps.")
    if values["maps_of"] not in _MAPS:
        raise UserError(
            f"--maps_of={values['maps_of']} is not known; it can be {', '.join(_MAPS)}."
        )
    from tfflowgan.images.folder import FRAMES

    if values["frames"] not in FRAMES:
        raise UserError(f"--frames={values['frames']} is not known; it can be {', '.join(FRAMES)}.")
    from tfflowgan.scoring import table

    output = pathlib.Path(values["output"])
    table.check(output)
    engine = _engine(values)
    from tfflowgan import devices
    from tfflowgan.scoring import separation
    from tfflowgan.scoring.folders import score_folders
    from tfflowgan.scoring.rows import Scorer

    folders = {name: pathlib.Path(values[name]) for name in ("images", "unusual") if values[name]}
    _check_places(values, folders)
    scorer = Scorer(_settings(values, folders))
    model = scorer.model
    if scorer.settings.maps:
        scorer.settings.maps.check()
    if values["maps"] and not model.measure.in_place:
        raise UserError(
            f"--maps={values['maps']} needs a flow of this package, whose latents have places in "
            f"the image; --model={values['model']} has layers of its own."
        )
    collector = separation.Collector(scorer.scores, scorer.score)
    compared = "unusual" in folders
    every_row = collector.add if compared else _nothing
    if values["engine"] == "local":
        _log.info("Scoring on %s.", devices.describe())
    scored = score_folders(scorer, folders, output, engine, shown=True, every_row=every_row)
    print("\n".join(_summary(scorer, scored, values)))
    if compared:
        settings, reference = scorer.settings, model.reference
        fixed = values["score"] is not None or reference is not None
        found = separation.result(collector, reference, scorer.score, fixed, settings.threshold)
        written = separation.write(output, found, collector, scorer.image)
        print("\n".join([*_table(found), f"Written to {', '.join(map(str, written))}."]))
    return _UNREADABLE if scored.errors else 0


def _check_places(values, folders):
    """Refuses pictures that would be images of a folder the next time."""
    pictures = {"maps": values["maps"]}
    if "unusual" in folders:
        pictures["output"] = str(pathlib.Path(values["output"]).parent)
    for flag, place in pictures.items():
        for name, folder in folders.items():
            if place and pathlib.Path(place).resolve().is_relative_to(folder.resolve()):
                raise UserError(
                    f"--{flag}={values[flag]} lies in --{name}={folder}, where its pictures would "
                    "be scored the next time; give a place outside."
                )


def _engine(values):
    """What computes rows, by --engine.

    Raises:
      UserError: there is no such engine, or what it needs is missing.
    """
    if values["engine"] not in get_args(_ENGINES):
        raise UserError(
            f"--engine={values['engine']} is not known; it can be {', '.join(get_args(_ENGINES))}."
        )
    if values["engine"] == "local":
        for name in ("ray_address", "ray_workers"):
            if values[name] is not None:
                raise UserError(f"--{name}={values[name]} does nothing without --engine=ray.")
        from tfflowgan.scoring.folders import in_this_process

        return in_this_process
    from tfflowgan.scoring.ray_engine import RayEngine

    return RayEngine(values["ray_address"], values["ray_workers"])


def _nothing(row):
    """Keeps nothing of a row."""


def _settings(values, folders):
    from tfflowgan.scoring.maps import Maps
    from tfflowgan.scoring.rows import Settings

    kept = ("model", "select", "threshold", "frames", "draws", "seed", "data_dir")
    roots = tuple((name, str(path)) for name, path in folders.items())
    maps = Maps(values["maps"], values["maps_of"], roots) if values["maps"] else None
    chosen = {name: values[name] for name in kept}
    return Settings(score=values["score"], maps=maps, **chosen)


def _summary(scorer, scored, values):
    from tfflowgan.scoring.maps import mapped
    from tfflowgan.scoring.rows import threshold_of

    settings, lines = scorer.settings, [f"{scored.rows} images scored."]
    limit = threshold_of(scorer.model.reference, scorer.score, settings.threshold)
    if limit is not None:
        low, high = ("unknown" if end is None else f"{end:.3f}" for end in limit["interval"])
        lines = [
            f"{scored.rows} images scored, {scored.flagged} flagged: {scorer.score} above "
            f"{limit['value']:.3f}, which {settings.threshold:g} % of {limit['count']} held-out "
            f"images do not exceed (95 % interval of the threshold: {low} to {high})."
        ]
    if values["score"] is None and scorer.model.reference:
        lines.append(f"Score: {scorer.model.reference.choice.sentence()}")
    if scorer.model.missing:
        lines.append(f"Some columns are empty: {scorer.model.missing}")
    if scored.errors:
        lines.append(f"{scored.errors} files could not be read, see {scored.errors_path}.")
    if values["maps"]:
        shown = mapped(scorer.score)
        also = "" if shown == scorer.score else f", because {scorer.score} has none"
        lines.append(f"Maps of {shown}{also}: {values['maps']} ({values['maps_of']} images).")
    return [*lines, f"Written to {scored.output}."]


def _table(found):
    lines = [f"{'score':<14}{'AUROC (95 % interval)':>30}{'average precision':>30}"]
    for name, entry in found["scores"].items():
        cells = []
        for area in (entry["auroc"], entry["average_precision"]):
            ends = area["interval"]
            interval = f" ({ends[0]:.4f} to {ends[1]:.4f})" if ends else ""
            cells.append(f"{area['value']:.4f}{interval}".rjust(30))
        lines.append(f"{name:<14}{''.join(cells)}")
    best = found["best"]
    if best["scores"] != [found["score"]["name"]]:  # else it was the best without a choice on these
        remark = f": {best['remark']}" if best["remark"] else ""
        lines.append(f"Best: {', '.join(best['scores'])}{remark}.")
    if limit := found["threshold"]:
        usual, unusual = found["counts"]["usual"], found["counts"]["unusual"]
        lines.append(
            f"Flagged by {found['score']['name']}: {limit['true_positives']} of {unusual} in "
            f"--unusual, {limit['false_positives']} of {usual} in --images."
        )
    return lines

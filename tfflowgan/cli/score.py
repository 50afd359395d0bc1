"""`bin/score`: how unusual is each image of a folder, to a model trained on usual ones?"""

import os
import pathlib

from tfflowgan import plugins
from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Scores every image below a folder by a trained flow, one row per image: how likely it is, how "
    "unusual among the training images, and a flag. Exit code 3: some files could not be read. The "
    "same command goes on where it was interrupted."
)
_UNREADABLE = 3  # exit code
_MAPS = ("flagged", "all")
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
        f"{', '.join(plugins.names('scoring/scores'))} (default: likelihood)",
        "how",
    ),
    Flag("threshold", float, 99.0, "flag what is above this percentage of held-out images", "how"),
    Flag("frames", str, "all", "of a file that holds several: take all, or refuse it", "how"),
    Flag("draws", int, None, "noise draws per image (default: the model's, 8)", "how"),
    Flag("seed", int, None, "of the noise (default: the model's, 0)", "how"),
    Flag("select", str, None, "which weights of a run: nll, score, last or snapshot-N", "how"),
    Flag("data_dir", str, None, "where the training images of a run are now", "how"),
    allow_code("how"),
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
    from tfflowgan.scoring.folders import score_folders
    from tfflowgan.scoring.rows import Scorer, Settings

    kept = ("model", "select", "threshold", "frames", "draws", "seed", "data_dir")
    settings = Settings(
        score=values["score"] or "likelihood", **{name: values[name] for name in kept}
    )
    scorer = Scorer(settings)
    folders = {name: pathlib.Path(values[name]) for name in ("images", "unusual") if values[name]}
    scored = score_folders(scorer, folders, output, shown=True)
    print(_summary(scorer, scored))
    return _UNREADABLE if scored.errors else 0


def _summary(scorer, scored):
    lines = [f"{scored.rows} images scored."]
    if scorer.model.missing:
        lines.append(f"percentile, typicality and flag are empty: {scorer.model.missing}")
    return "\n".join(lines)

"""`bin/compare`: how far are generated images from real ones? For any two sets of images."""

import json
import os
import pathlib
import time

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag(
        "real",
        str,
        None,
        "real images: a folder, or an .npy file, uint8 or in [0, 1], [N, H, W, C] (required)",
        "what",
    ),
    Flag("generated", str, None, "generated images: a folder or an .npy file (required)", "what"),
    Flag(
        "holdout",
        str,
        None,
        "real images that the generator was not trained on: a folder or an .npy file",
        "what",
    ),
    Flag(
        "image_size",
        int,
        None,
        "crop every image to its centre square and resize it to this side",
        "what",
    ),
    Flag(
        "frames",
        str,
        "all",
        "of a file that holds several: take all, or refuse such files: all, refuse",
        "what",
    ),
    Flag(
        "classifier",
        str,
        None,
        "a SavedModel, or inception_v3, for FID, KID and Inception score",
        "how",
    ),
    Flag("critics", int, 3, "independent critics; a single one leaves out how they differ", "how"),
    Flag("critic_updates", int, 500, "training updates of each critic", "how"),
    Flag("critic_readings", int, 100, "batches per reading of the critic, at most", "how"),
    Flag(
        "critic_batch",
        int,
        64,
        "images per batch of the critic; distances compare only at the same size",
        "how",
    ),
    Flag("seed", int, 0, "of the critic, splits and noise", "how"),
    Flag("output", str, "compare.json", "the JSON file for the results", "where"),
]
_SETS = ("real", "generated", "holdout")


def main() -> None:
    """Entry point of `bin/compare` and `tfflowgan-compare`."""
    summary = (
        "Compares generated images with real ones: distance by an independent critic, FID, KID "
        "and Inception score."
    )
    run("compare", summary, _ROWS, _compare)


def _compare(values: dict) -> None:
    for name in ("real", "generated"):
        if values[name] is None:
            raise UserError(f"--{name} is missing; give a folder of images or an .npy file.")
    for name, least in {
        "critics": 1,
        "critic_updates": 1,
        "critic_readings": 2,
        "critic_batch": 2,
        "image_size": 2,
    }.items():
        if values[name] is not None and values[name] < least:
            raise UserError(f"--{name}={values[name]} must be at least {least}.")
    if not 0 <= values["seed"] < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    folder = pathlib.Path(values["output"]).resolve().parent
    if not os.access(folder, os.W_OK):
        raise UserError(
            f"--output={values['output']} cannot be written: {folder} is not a writable folder."
        )
    from tfflowgan.images.sets import read_sets

    paths = {name: pathlib.Path(values[name]) for name in _SETS if values[name] is not None}
    images = read_sets(paths, values["image_size"], values["frames"])
    from tfflowgan.datasets import Split, Splits
    from tfflowgan.evaluation import compare
    from tfflowgan.metrics.classifier import load_classifier
    from tfflowgan.metrics.resumable_loop import ResumableLoop
    from tfflowgan.runs.provenance import provenance

    start = time.monotonic()
    classifier = None
    if values["classifier"]:
        real = Split(images["real"])
        classifier = load_classifier(
            values["classifier"], Splits("folders", values["real"], real, real, real)
        )
    names = ("critics", "critic_updates", "critic_readings", "critic_batch", "seed")
    options = {name: values[name] for name in names}
    result = compare(images, classifier, ResumableLoop(shown=True), **options)
    result["folders"] = {name: values[name] for name in images}
    result["image_size"] = values["image_size"]
    result["provenance"] = provenance() | {"seconds": round(time.monotonic() - start, 1)}
    try:
        pathlib.Path(values["output"]).write_text(
            json.dumps(result, indent=1, allow_nan=False) + "\n"
        )
    except OSError as error:
        raise UserError(
            f"--output={values['output']} cannot be written: {error.strerror}."
        ) from None
    print("\n".join([*_table(result), *_notes(result), f"Written to {values['output']}."]))


def _table(result):
    from tfflowgan.report.format import number

    counts = ", ".join(f"{count} {name}" for name, count in result["counts"].items())
    lines = [
        f"{counts} images of {'x'.join(map(str, result['image_shape']))}; seed {result['seed']}"
    ]
    rows = [["", "value", "+-", "95 % interval"]]
    named = {
        f"distance of generated from {name}": entry for name, entry in result["distances"].items()
    }
    if result["gap"]:
        named["gap: holdout - real"] = result["gap"]
    for name, entry in named.items():
        ends = " to ".join(number(end, 4) for end in entry["interval"])
        rows.append([name, number(entry["value"], 4), number(entry["standard_error"], 4), ends])
    scores = result["scores"] or {}
    for kind, text, digits in (
        ("fid", "FID", 2),
        ("kid", "KID", 5),
        ("inception_score", "Inception score", 3),
    ):
        for name, score in (scores.get(kind) or {}).items():
            value, error = (
                (score, None) if kind == "fid" else (score["value"], score["standard_error"])
            )
            rows.append(
                [
                    f"{text} of {name.replace(',', ' and')}",
                    number(value, digits),
                    number(error, digits),
                    "",
                ]
            )
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        lines.append(
            "  ".join(
                [
                    row[0].ljust(widths[0]),
                    *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
                ]
            ).rstrip()
        )
    return lines


def _notes(result):
    from tfflowgan.report.critic_distance import critic_notes

    lines = critic_notes("independent critics", result["critic"])
    also = ", and on --holdout" if result["gap"] else ""
    lines.append(f"Trained on one half of --real and --generated and read on the other half{also}.")
    scores = result["scores"]
    if scores is None:
        return [
            *lines,
            "FID, KID and Inception score are omitted; they need --classifier, a SavedModel or "
            "inception_v3.",
        ]
    lines.append(
        f"Classifier {scores['classifier']} (sha256 {scores['digest'][:16]}), {scores['count']} "
        "images of each set in 10 parts; scores compare only with the same classifier and count."
    )
    return [*lines, scores["distance_note"]] if scores["distance_note"] else lines

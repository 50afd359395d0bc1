"""Scores of samples and of real images, and the classes that the classifier finds."""

from matplotlib.figure import Figure

from tfflowgan.report.format import number, value

__all__ = ["figure", "notes", "table"]

_SETS = {"samples": "samples", "test": "test images (ceiling)", "train": "training images"}
_SCORES = {"inception_score": "Inception score", "mode_score": "MODE score"}
_DRAWN = 20  # classes up to which each has its own bar


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """Three rows per run: its samples, test images, training images.

    Distances are to the test images.
    """
    header = ["run", "images", "count", "Inception score", "MODE score", "FID", "KID"]
    rows = []
    for label, result in results.items():
        for name, title in _SETS.items():
            r = result[name]
            scores = [value(r[key], 3) for key in _SCORES]
            rows.append(
                [label, title, str(r["count"]), *scores, number(r["fid"], 3), value(r["kid"], 4)]
            )
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """Scores with the ceiling set by real images, and the fraction of samples in each class."""
    classes = {label: r["samples"]["class_histogram"] for label, r in results.items()}
    few = all(len(shares) <= _DRAWN for shares in classes.values())
    drawing = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=(1, 1.4))
    _scores(left, results)
    for i, (label, shares) in enumerate(classes.items()):
        if few:
            width = 0.8 / len(classes)
            right.bar(
                [k - 0.4 + width * (i + 0.5) for k in range(len(shares))],
                shares,
                width,
                label=label,
            )
        else:
            right.plot(sorted(shares, reverse=True), label=label)
    real = next(iter(results.values()))["test"]["class_histogram"]
    if few:
        right.stairs(
            real,
            [k - 0.5 for k in range(len(real) + 1)],
            color="black",
            baseline=None,
            label="test images",
        )
        right.set_xticks(range(len(real)))
        right.set_xlabel("most probable class")
    else:
        right.plot(sorted(real, reverse=True), color="black", label="test images")
        right.set_xscale("symlog")
        right.set_xlabel("most probable class, by rank")
    right.set_ylabel("fraction of images")
    right.legend(fontsize="small")
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """How the scores were obtained."""
    lines = []
    for label, result in results.items():
        classifier = result["classifier"]
        accuracy = result["test"].get("accuracy")
        lines.append(
            f"{label}: classifier {classifier['name']} (sha256 {classifier['sha256'][:12]}...)"
            + ("" if accuracy is None else f", accuracy {accuracy:.2%} on these test images")
            + (
                f", images resized to {classifier['resize']}x{classifier['resize']}"
                if classifier["resize"]
                else ""
            )
            + f"; {result['count']} images of each kind in {result['score_splits']} splits, seed "
            f"{result['seed']}."
        )
        if result["count"] < result["score_samples"]:
            lines.append(
                f"{label}: {result['score_samples']} samples were requested; there are only "
                f"{result['count']} real images."
            )
        lines += [
            f"{label}: {result[name]}"
            for name in ("mode_score_note", "distance_note")
            if result[name]
        ]
    if (
        len({(r["classifier"]["sha256"], r["count"], r["score_splits"]) for r in results.values()})
        > 1
    ):
        lines.append(
            "These runs were scored with different classifiers, counts or splits; their scores do "
            "not compare."
        )
    lines.append(
        "+- is the standard error of the mean over splits. FID and KID are distances to the test "
        "images; those of training images are about what samples from the true distribution "
        "would get."
    )
    return lines


def _scores(axis, results):
    names = [
        key
        for key in _SCORES
        if any(r["samples"][key]["value"] is not None for r in results.values())
    ]
    for i, (label, result) in enumerate(results.items()):
        at = [n - 0.3 + 0.6 * (i + 0.5) / len(results) for n in range(len(names))]
        scores = [result["samples"][key]["value"] for key in names]
        errors = [result["samples"][key]["standard_error"] or 0.0 for key in names]
        known = [k for k, score in enumerate(scores) if score is not None]
        axis.errorbar(
            [at[k] for k in known],
            [scores[k] for k in known],
            [errors[k] for k in known],
            fmt="o",
            capsize=3,
            label=label,
        )
    real = next(iter(results.values()))["test"]
    for n, key in enumerate(names):
        if (ceiling := real[key]["value"]) is not None:
            axis.hlines(ceiling, n - 0.4, n + 0.4, color="black")
    axis.set_xticks(range(len(names)), [_SCORES[key] for key in names])
    axis.set_xlim(-0.5, len(names) - 0.5)
    axis.set_ylim(bottom=0)
    axis.set_ylabel("score (line: test images)")

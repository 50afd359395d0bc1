"""GMM on the training images (Grover et al., 2018, Figures 3, 6), KDE of samples (table 3)."""

import math

from matplotlib.figure import Figure

from tfflowgan.report.format import number, value
from tfflowgan.runs.names import score_name

__all__ = ["better_than_model", "figure", "notes", "score_shown", "table"]

_TITLES = {"mode_score": "MODE score", "inception_score": "Inception score"}
_FAR = 10_000  # range in nats from which NLLs are drawn on a logarithmic scale


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """Several rows per run: the exact density, the KDE of its samples, the GMM, the test images."""
    header = [
        "run",
        "density",
        "centres",
        "sigma",
        "validation NLL",
        "test NLL (nats)",
        "bits/dim",
        *_TITLES.values(),
    ]
    rows = []
    for label, result in results.items():
        gmm, kde, exact = result["gmm"], result["kde"], result["exact"]
        model = _scores(result["model"])
        if exact is None:
            rows.append([label, "the model's samples", "-", "-", "-", "-", "-", *model])
        else:
            rows.append([label, "exact", "-", "-", *_values(exact), *model])
        rows.append(
            [
                label,
                "KDE of samples",
                str(kde["centres"]),
                number(kde["bandwidth"], 4),
                *_values(kde),
                "-",
                "-",
            ]
        )
        rows.append(
            [
                label,
                "GMM",
                str(gmm["centres"]),
                number(gmm["bandwidth"], 4),
                *_values(gmm),
                *_scores(gmm),
            ]
        )
        paper = _at(gmm["curve"], result["paper_bandwidth"])
        if paper:
            nll = number(paper["validation_nll"]["value"])
            rows.append(
                [
                    label,
                    "GMM, Flow-GAN's sigma",
                    str(gmm["centres"]),
                    number(paper["bandwidth"], 4),
                    nll,
                    "-",
                    "-",
                    *_scores(paper),
                ]
            )
        if result["test_images"]["inception_score"]["value"] is not None:
            rows.append(
                [label, "test images", "-", "-", "-", "-", "-", *_scores(result["test_images"])]
            )
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """NLL, and the score if there is one, over the bandwidth.

    Shaded where the GMM is better than a run in both.
    """
    score = score_shown(results)
    drawing = Figure(figsize=(9, 4) if score else (6, 4), layout="constrained")
    axes = list(drawing.subplots(1, 2 if score else 1, squeeze=False).flat)
    left, right = axes[0], axes[-1]  # right is for scores
    _gmm(left, results, "validation_nll")
    nlls = [
        row["validation_nll"]["value"]
        for r in results.values()
        for name in ("gmm", "kde")
        for row in r[name]["curve"]
    ]
    for i, (label, result) in enumerate(results.items()):
        curve = result["kde"]["curve"]
        left.plot(
            *_curve(curve, "validation_nll"), ":", color=f"C{i}", label=f"KDE of {label}'s samples"
        )
        if result["exact"] is not None:
            nlls.append(result["exact"]["validation_nll"]["value"])
            left.axhline(nlls[-1], linestyle="--", color=f"C{i}", label=f"{label}, exact")
    if max(nlls) - min(nlls) > _FAR:
        left.set_yscale("symlog", linthresh=1000.0)
        decades = [10.0**k for k in range(3, 1 + math.ceil(math.log10(max(map(abs, nlls)))))]
        low, high = left.get_ylim()
        left.set_yticks(
            [t for t in (*(-d for d in reversed(decades)), 0.0, *decades) if low <= t <= high]
        )
    left.set_ylabel("validation NLL (nats per image)")
    if score:
        _gmm(right, results, score)
        for i, (label, result) in enumerate(results.items()):
            if (scored := result["model"][score]["value"]) is not None:
                right.axhline(scored, linestyle="--", color=f"C{i}", label=label)
            _shade(
                (left, right),
                better_than_model(result, score),
                f"C{i}",
                f"GMM better than {label} in both",
            )
        right.set_ylabel(_TITLES[score])
    for axis in axes:
        axis.set_xscale("log")
        axis.set_xlabel("bandwidth sigma (pixels in [0, 1])")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="x-small")
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """How far off the KDE is, where the GMM is better, and how the numbers were obtained."""
    lines = []
    score = score_shown(results)
    for label, result in results.items():
        gmm, kde, exact = result["gmm"], result["kde"], result["exact"]
        if exact is not None:
            off = kde["test_nll"]["value"] - exact["test_nll"]["value"]
            lines.append(
                f"{label}: the KDE of {kde['centres']} samples is off by {number(off)} nats from "
                f"the exact test NLL on the same {result['test']} images; it is not an estimate "
                "of the model's density."
            )
        if result["no_scores"]:
            lines.append(f"{label}: no scores: {result['no_scores']}")
        elif exact is not None and score:
            lines.append(_verdict(label, result, score))
        for name in ("gmm", "kde"):
            if result[name]["at_end"]:
                curve = result[name]["curve"]
                low, high = curve[0]["bandwidth"], curve[-1]["bandwidth"]
                lines.append(
                    f"{label}: the best bandwidth of the {name.upper()}, "
                    f"{number(result[name]['bandwidth'], 4)}, is an end of the range {low:g} to "
                    f"{high:g} of the search, so a better one may lie outside."
                )
        lines.append(
            f"{label}: {gmm['centres']} training images and {kde['centres']} samples as centres; "
            f"bandwidths chosen on {result['validation']} validation images in steps of at most "
            f"{100 * (_coarsest(result) - 1):.1f} %; {result['mixture_dtype']}, seed "
            f"{result['seed']}; scores of {result['mixture_score_samples']} images in "
            f"{result['score_splits']} splits"
            + (f"; first {result['limit']} images of each split." if result["limit"] else ".")
        )
    lines.append("Both mixtures have mass outside [0, 1]^D, which lowers their densities inside.")
    return lines


def better_than_model(result: dict, score: str) -> list[tuple[float, float]]:
    """The scored bandwidths at which the GMM has a lower validation NLL and a higher score.

    Returns:
      Ranges of successive bandwidths, each as its first and last one.
    """
    exact, model = result["exact"], result["model"][score]["value"]
    if exact is None or model is None:
        return []
    rows = [row for row in result["gmm"]["curve"] if row[score]["value"] is not None]
    nll = exact["validation_nll"]["value"]
    ranges: list[tuple[float, float]] = []
    previous = False
    for row in rows:
        better = row["validation_nll"]["value"] < nll and row[score]["value"] > model
        if better:
            ranges = (
                [*ranges[:-1], (ranges[-1][0], row["bandwidth"])]
                if previous
                else [*ranges, (row["bandwidth"],) * 2]
            )
        previous = better
    return ranges


def score_shown(results: dict[str, dict]) -> str | None:
    """The score to draw: the one that selects weights, else Inception; None without any."""
    names = {score_name(r["dataset"]) for r in results.values()}
    first = names.pop() if len(names) == 1 else "inception_score"
    for name in (first, "inception_score"):
        if any(r["gmm"][name]["value"] is not None for r in results.values()):
            return name
    return None


def _verdict(label, result, score):
    ranges = better_than_model(result, score)
    where = " and ".join(
        f"{low:.3g} to {high:.3g}" if low < high else f"{low:.3g}" for low, high in ranges
    )
    what = f"a lower validation NLL and a higher {_TITLES[score]} than the model"
    if not ranges:
        return f"{label}: the GMM has {what} at no bandwidth that was scored."
    return f"{label}: the GMM, a copy of the training images, has {what} at sigma {where}."


def _coarsest(result):
    return max(result[name]["neighbour_ratio"] for name in ("gmm", "kde"))


def _gmm(axis, results, name):
    """One curve for all runs with the same GMM."""
    drawn = []
    for label, result in results.items():
        curve = _curve(result["gmm"]["curve"], name)
        if curve[0] and curve not in drawn:
            drawn.append(curve)
            axis.plot(
                *curve,
                ".-",
                color="black",
                alpha=1.0 / len(drawn),
                label="GMM" if len(drawn) == 1 else f"GMM, {label}",
            )


def _curve(rows, name):
    known = [
        (row["bandwidth"], row[name]["value"]) for row in rows if row[name]["value"] is not None
    ]
    return [sigma for sigma, _ in known], [height for _, height in known]


def _shade(axes, ranges, color, label):
    for axis in axes:
        for i, (low, high) in enumerate(ranges):
            axis.axvspan(
                low,
                high if high > low else low * 1.02,
                color=color,
                alpha=0.15,
                label=label if i == 0 else None,
            )


def _at(rows, bandwidth):
    return next((row for row in rows if row["bandwidth"] == bandwidth), None)


def _values(r):
    return [
        value(r["validation_nll"]),
        value(r["test_nll"]),
        value(r["test_bits_per_dim"], 4),
    ]


def _scores(r):
    return [value(r[name]) for name in _TITLES]

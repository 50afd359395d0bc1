"""Figures 4, 5 and 13: bits/dim during training, judged by all images at the last weights."""

import numpy as np

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above, all_hold, beyond, rises
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun, claim_mean
from tfflowgan.report.format import interval, number
from tfflowgan.statistics import Mean

__all__ = ["MLE", "WGAN", "mle", "wgan"]

MLE = Evaluation("likelihood", "last")  # of all images
WGAN = [_densities.LIKELIHOOD, _critics.NEED]
_MONITORED = (
    "The picture has means, as they were recorded during training: of the first 1,000 training "
    "images (dotted) and of all validation images."
)


def mle(runs: dict[str, FinishedRun]) -> Rendered:
    """Under maximum likelihood: deeper is better, validation slightly worse than training."""
    figure = _draw(runs)
    values = {
        label: {part: _densities.bits(run, part, MLE) for part in ("train", "validation", "test")}
        for label, run in runs.items()
    }
    for one in values.values():
        one["held out"] = np.concatenate([one["validation"], one["test"]])
    means = {label: {p: claim_mean(v) for p, v in one.items()} for label, one in values.items()}
    last = {label: known["validation"]["value"] or 0.0 for label, known in means.items()}
    shallow, *deeper = sorted(runs)
    steps = {
        label: claim_mean(values[shallow]["validation"] - values[label]["validation"])
        for label in deeper
    }
    text = plots.order(last, 3) + "".join(
        f"; {shallow} - {label} {_signed(step)}" for label, step in steps.items()
    )
    claims = [
        Claim(
            "the shallowest flow is the worst",
            all_hold([beyond(step) for step in steps.values()]),
            text,
        ),
        _overfitting(means, "validation", "the validation loss ends above the training loss"),
        _overfitting(
            means,
            "held out",
            "so does the loss of all images that were held out, validation and test",
            paper=False,
        ),
    ]
    notes = [
        _MONITORED,
        "Claims are by all training and validation images at the last weights: depths image by "
        "image, splits with the errors of both means; each holds beyond two standard errors. "
        "Runs of about an epoch can hardly overfit.",
    ]
    table = _densities.rows(runs, ("train", "validation", "test"), MLE)
    headline = f"bits/dim of validation images: {plots.order(last, 3)}"
    return Rendered(claims, table, figure, notes, {"means": means}, headline)


def _overfitting(means, part, statement, paper=True):
    holds = all_hold([above(known[part], known["train"]) for known in means.values()])
    gaps = ", ".join(f"{label} {_signed(_gap(known, part))}" for label, known in means.items())
    return Claim(statement, holds, f"{part} - training: {gaps} bits/dim", paper)


def wgan(runs: dict[str, FinishedRun], paper: bool) -> Rendered:
    """Under WGAN: worse than the uniform density, on training images as well.

    Args:
      runs: by label; those by likelihood, which WGAN has to beat, end with "MLE".
      paper: whether the paper says of these images that densities get steadily worse.
    """
    by_likelihood = {k.split(",")[0]: run for k, run in runs.items() if k.endswith("MLE")}
    runs = {label: run for label, run in runs.items() if not label.endswith("MLE")}
    figure = _draw(runs)
    training = _critics.training(runs, by_likelihood)
    medians = {label: _densities.median(run, "validation") for label, run in runs.items()}
    text = ", ".join(f"{label} {_densities.listed(median)}" for label, median in medians.items())
    far = {label: _densities.far_worse(run) for label, run in runs.items()}
    claims = [
        training.claim(
            "the density is far worse than a uniform one (half of the images over 16 bits/dim)",
            far,
            f"medians {text}",
        )
    ]
    curves = {
        label: [plots.bits(run, v) for v in run.curve("validation_nll")[1]]
        for label, run in runs.items()
    }
    text = ", ".join(
        f"{label} first {v[0]:.4g}, greatest {max(v):.4g}, last {v[-1]:.4g}"
        for label, v in curves.items()
    )
    worse = {label: rises(values) for label, values in curves.items()}
    statement = "it gets steadily worse as WGAN trains"
    claims.append(training.claim(statement, worse, text, paper=paper))
    distances = {label: _densities.apart(run) for label, run in runs.items()}
    together = {label: _densities.overlap(distance) for label, distance in distances.items()}
    text = ", ".join(
        f"{label} {number(d['value'], 3)} ({interval(d, 3)})" for label, d in distances.items()
    )
    claims.append(
        training.claim(
            "training and validation losses overlap", together, f"distributions apart by {text}"
        )
    )
    notes = [
        f"{_MONITORED} A few images decide means of such densities; claims but the one about the "
        "course of training are by single images at the last weights.",
        "Losses overlap if their cumulative distributions differ by less than "
        f"{_densities.ALIKE:g} everywhere (Kolmogorov-Smirnov), interval included.",
        _critics.OPEN,
    ]
    table = _densities.rows(runs, ("train", "validation"))
    numbers = {"median": medians, "kolmogorov_smirnov": distances, "trained": training.done}
    middles = ", ".join(f"{k} {number(median['value'], 1)}" for k, median in medians.items())
    headline = f"median bits/dim of validation images: {middles}"
    return Rendered(claims, table, figure, notes, numbers, headline)


def _draw(runs):
    """Draws bits/dim of training and validation images over steps."""
    figure, (axis,) = plots.panels(1, width=7)
    lines = {
        f"{label}, {part}": (run, f"{part}_nll")
        for label, run in runs.items()
        for part in ("validation", "train")
    }
    plots.curves(axis, lines, "bits/dim", in_bits=True)
    return figure


def _gap(means, part) -> Mean:
    """Images of a part - training images, with the errors of both."""
    one, other = means[part], means["train"]
    error = (one["standard_error"] ** 2 + other["standard_error"] ** 2) ** 0.5
    return {"value": one["value"] - other["value"], "standard_error": error}


def _signed(mean: Mean) -> str:
    return f"{mean['value']:+.4f} +- {mean['standard_error']:.4f}"

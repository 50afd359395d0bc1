"""Figures 4, 5, 13 and 16: bits/dim during training."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, all_hold, rises
from papers.finished_run import FinishedRun

__all__ = ["FAR", "mle", "wgan"]

# Bits/dim, twice those of a uniform density (section 2.4); an untrained flow without a logit starts
# near 10.
FAR = 16.0
_MARGIN = 0.01  # bits/dim
_HEAVY = 1000.0  # bits/dim
_TRAIN = (
    "The training loss is that of the first 1,000 training images, with the weights of each "
    "reading."
)


def mle(runs: dict[str, FinishedRun]) -> Rendered:
    """Under maximum likelihood: deeper is better, validation slightly worse than training."""
    figure, last, train = _draw(runs)
    first = {label: _first(run, "validation") - _first(run, "train") for label, run in runs.items()}
    shallow, *deeper = sorted(last)
    gaps = {label: last[label] - train[label] for label in last}
    text = ", ".join(
        f"{label} {gap:+.3f} (initially {first[label]:+.3f})" for label, gap in gaps.items()
    )
    claims = [
        Claim(
            "the shallowest flow is the worst",
            all_hold([_more(last[shallow], last[d]) for d in deeper]),
            plots.order(last, 3),
        ),
        Claim(
            "the validation loss ends above the training loss",
            all_hold([_more(gap, max(first[label], 0.0)) for label, gap in gaps.items()]),
            text,
        ),
    ]
    return Rendered(
        claims, figure=figure, notes=[_TRAIN], numbers={"validation": last, "train": train}
    )


def wgan(runs: dict[str, FinishedRun]) -> Rendered:
    """Under WGAN: worse than the uniform density, on training images as well."""
    figure, last, train = _draw(runs)
    text = ", ".join(f"{label} {last[label]:.4g}" for label in last)
    claims = [
        Claim(
            "the density is far worse than a uniform one (over 16 bits/dim)",
            all(v > FAR for v in last.values()),
            text,
        )
    ]
    curves = {
        label: [plots.bits(run, v) for v in run.curve("validation_nll")[1]]
        for label, run in runs.items()
    }
    least = {label: min(values) for label, values in curves.items()}
    text = ", ".join(
        f"{label} first {v[0]:.4g}, greatest {max(v):.4g}, last {v[-1]:.4g}"
        for label, v in curves.items()
    )
    worse = all_hold([rises(values) for values in curves.values()])
    claims.append(Claim("it gets steadily worse as WGAN trains", worse, text))
    together = all_hold([_together(train[label], last[label]) for label in last])
    text = ", ".join(f"{label} {train[label]:.5g} and {last[label]:.5g}" for label in last)
    claims.append(Claim("training and validation losses overlap", together, text))
    notes = [
        _TRAIN,
        "They overlap if they differ by less than a tenth. An average over 1,000 bits/dim is due "
        "to a few images, so it is not distinguished from one twice as large.",
    ]
    return Rendered(
        claims,
        figure=figure,
        notes=notes,
        numbers={"validation": last, "train": train, "least": least},
    )


def _draw(runs):
    """Draws bits/dim of training and validation images over steps.

    Returns:
      The figure, and the last values of validation and of training images.
    """
    figure, (axis,) = plots.panels(1, width=7)
    lines = {
        f"{label}, {part}": (run, f"{part}_nll")
        for label, run in runs.items()
        for part in ("validation", "train")
    }
    plots.curves(axis, lines, "bits/dim", in_bits=True)
    last, train = (
        {label: _last(run, part) for label, run in runs.items()} for part in ("validation", "train")
    )
    return figure, last, train


def _more(bits, other):
    """Whether a loss is greater; None if the difference is too small for so few images."""
    return None if abs(bits - other) < _MARGIN else bits > other


def _together(train, validation):
    """Whether two averages are alike; None if both have tails so heavy that a few images decide."""
    low, high = sorted((train, validation))
    if low == high or high - low < 0.1 * max(1.0, high):
        return True
    return None if low > _HEAVY and high < 2.0 * low else False


def _last(run, part):
    return plots.bits(run, run.last(f"{part}_nll"))


def _first(run, part):
    return plots.bits(run, run.curve(f"{part}_nll")[1][0])

"""Figures 4, 5, 13 and 16: bits/dim over training."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, all_hold, rises

__all__ = ["FAR", "mle", "wgan"]

FAR = 16.0  # bits/dim, twice those of a uniform density (section 2.4): a new flow without a logit begins near 10
_MARGIN = 0.01  # bits/dim
_HEAVY = 1000.0  # bits/dim
_TRAIN = "The training loss is of the first 1,000 training images, of the weights as they are at each reading."


def mle(found) -> Rendered:
    """Under maximum likelihood: deeper is better, validation a little worse than training."""
    figure, last, train = _draw(found)
    first = {
        label: _first(run, "validation") - _first(run, "train") for label, run in found.items()
    }
    shallow, *deeper = sorted(last)
    gaps = {label: last[label] - train[label] for label in last}
    text = ", ".join(
        f"{label} {gap:+.3f} (at first {first[label]:+.3f})" for label, gap in gaps.items()
    )
    claims = [
        Claim(
            "the shallowest flow is the worst",
            all_hold([_more(last[shallow], last[d]) for d in deeper]),
            plots.order(last, 3),
        ),
        Claim(
            "the validation loss comes to lie above the training loss",
            all_hold([_more(gap, max(first[label], 0.0)) for label, gap in gaps.items()]),
            text,
        ),
    ]
    return Rendered(
        claims, figure=figure, notes=[_TRAIN], numbers={"validation": last, "train": train}
    )


def wgan(found) -> Rendered:
    """Under WGAN: bits/dim beyond those of a uniform density, on training images as well."""
    figure, last, train = _draw(found)
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
        for label, run in found.items()
    }
    least = {label: min(values) for label, values in curves.items()}
    text = ", ".join(
        f"{label} first {v[0]:.4g}, greatest {max(v):.4g}, last {v[-1]:.4g}"
        for label, v in curves.items()
    )
    worse = all_hold([rises(values) for values in curves.values()])
    claims.append(Claim("it gets worse and worse while WGAN trains", worse, text))
    together = all_hold([_together(train[label], last[label]) for label in last])
    text = ", ".join(f"{label} {train[label]:.5g} and {last[label]:.5g}" for label in last)
    claims.append(Claim("training and validation losses overlap", together, text))
    notes = [
        _TRAIN,
        "They overlap within a tenth; averages over 1,000 bits/dim are those of a few images: twice is not told from once.",
    ]
    return Rendered(
        claims,
        figure=figure,
        notes=notes,
        numbers={"validation": last, "train": train, "least": least},
    )


def _draw(found):
    """Bits/dim of training and validation images over steps; the figure, and the last values of both."""
    figure, (axis,) = plots.panels(1, width=7)
    lines = {
        f"{label}, {part}": (run, f"{part}_nll")
        for label, run in found.items()
        for part in ("validation", "train")
    }
    plots.curves(axis, lines, "bits/dim", in_bits=True)
    last, train = (
        {label: _last(run, part) for label, run in found.items()}
        for part in ("validation", "train")
    )
    return figure, last, train


def _more(bits, other):
    """Whether a loss is greater; None where they are too close for the few images that they are of."""
    return None if abs(bits - other) < _MARGIN else bits > other


def _together(train, validation):
    """Whether two averages are alike; None where they are of so heavy a tail that a few images decide."""
    low, high = sorted((train, validation))
    if low == high or high - low < 0.1 * max(1.0, high):
        return True
    return None if low > _HEAVY and high < 2.0 * low else False


def _last(run, part):
    return plots.bits(run, run.last(f"{part}_nll"))


def _first(run, part):
    return plots.bits(run, run.curve(f"{part}_nll")[1][0])

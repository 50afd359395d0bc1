"""Figures 9 and 14: distances by independent critics, during training and at the end."""

import dataclasses
import itertools

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, all_hold, beyond, within
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report.format import interval
from tfflowgan.statistics import Mean, known_value

__all__ = ["render"]

_PARTS = ("train", "validation", "test")
_EQUAL = 0.1  # of the larger distance
_WRITERS = (
    "Splits differ a little by themselves. MNIST's test digits are by other writers than its "
    "training and validation digits, so there test images are not of the same distribution, which "
    "Eq. 9 needs: an untrained flow has a gap (test - train) of 0.0002."
)


def render(by_label: dict[str, FinishedRun], paper: bool = True) -> Rendered:
    """Two panels, maximum likelihood and WGAN; claims about depths and about splits.

    Args:
      by_label: the runs by label.
      paper: whether the paper makes these claims about these images.
    """
    mle, wgan = (
        {label.split(",")[0]: run for label, run in by_label.items() if label.endswith(kind)}
        for kind in ("MLE", "WGAN")
    )
    training = _critics.training(wgan, mle)
    gaps = {kind: _gaps(runs, "test", "train") for kind, runs in (("MLE", mle), ("WGAN", wgan))}
    holds = {kind: {label: beyond(gap) for label, gap in one.items()} for kind, one in gaps.items()}
    nearer = "training images are nearer to the generator than test images (Eq. 10)"
    own = _gaps(mle, "validation", "test")
    claims = [
        _deeper(mle),
        Claim(f"MLE: {nearer}", all_hold([*holds["MLE"].values()]), _listed(gaps["MLE"])),
        _equal(wgan, training),
        training.claim(f"WGAN: {nearer}", holds["WGAN"], _listed(gaps["WGAN"])),
        Claim(
            "MLE: test images are a little nearer than the critics' own validation images",
            all_hold([beyond(gap) for gap in own.values()]),
            _listed(own, "validation - test"),
        ),
    ]
    results = {label: run.result(*_critics.NEED.key) for label, run in by_label.items()}
    notes = [
        "The picture has the curves of each run's own critic during training, whose readings vary "
        "more than splits differ. Solid: validation images, dotted: training images, dashed: test "
        "images.",
        "Claims and the table are by independent critics of the last weights, each against every "
        "run with the same images: a claim holds if the 95 % interval lies on its side. About "
        f"equally far: within {_EQUAL:.0%} of the larger distance, interval included.",
        "Runs of about an epoch can hardly overfit.",
        _WRITERS,
        _critics.note(next(iter(by_label.values()))),
        _critics.OPEN,
    ]
    claims = [dataclasses.replace(claim, paper=paper) for claim in claims]
    numbers = {
        label: result["distances"] | {"gap": result["overfitting_gap"]}
        for label, result in results.items()
    }
    headline = f"distance of validation images: MLE {_order(mle, 2)}; WGAN {_order(wgan, 2)}"
    return Rendered(claims, _table(results), _draw(mle, wgan), notes, numbers, headline)


def _deeper(runs):
    pairs = {
        f"{shallow} - {deep}": _critics.farther(runs[shallow], runs[deep], "validation")
        for shallow, deep in itertools.pairwise(sorted(runs))
    }
    holds = all_hold([beyond(step) for step in pairs.values()])
    text = f"{_order(runs)}; {', '.join(f'{name} {_signed(step)}' for name, step in pairs.items())}"
    return Claim("MLE: deeper flows are nearer to the validation images", holds, text)


def _equal(runs, training):
    """The claim that the shallowest and the deepest flow are about equally far."""
    shallow, deep = min(runs), max(runs)
    difference = _critics.farther(runs[shallow], runs[deep], "validation")
    ends = [known_value(_critics.distance(runs[label], "validation")) for label in (shallow, deep)]
    # a finding about a pair, of which both must have trained
    both = training.done[shallow] and training.done[deep]
    equal = within(difference, _EQUAL * max(ends)) if both else None
    text = f"{_order(runs)}; {shallow} - {deep} {_signed(difference)}{training.reason(equal)}"
    statement = f"WGAN: {shallow} and {deep} are about equally far"
    return Claim(statement, equal, text)


def _order(runs, digits=4):
    distances = {label: _critics.distance(run, "validation") for label, run in runs.items()}
    return plots.order({label: known_value(mean) for label, mean in distances.items()}, digits)


def _gaps(runs, far, near) -> dict[str, Mean]:
    return {label: _critics.apart(run, far, near) for label, run in runs.items()}


def _listed(gaps, what="test - train"):
    return f"{what}: {', '.join(f'{label} {_signed(gap)}' for label, gap in gaps.items())}"


def _signed(mean):
    return f"{mean['value']:+.4f} ({interval(mean, 4, signed=True)})"


def _table(results):
    header = ["run", *(f"distance, {part}" for part in _PARTS), "test - train (95 % interval)"]
    rows = [
        [
            label,
            *(_critics.said(result["distances"][part]) for part in _PARTS),
            _signed(result["overfitting_gap"]),
        ]
        for label, result in results.items()
    ]
    return header, rows


def _draw(mle, wgan):
    figure, axes = plots.panels(2, width=5)
    for axis, (kind, runs) in zip(axes, (("MLE", mle), ("WGAN", wgan)), strict=True):
        lines = {
            f"{label}, {part}": (run, f"independent_{part}")
            for label, run in runs.items()
            for part in _PARTS
        }
        plots.curves(axis, lines, "distance (critic's units)", legend=False)
        axis.set_title(kind, fontsize="medium")
    handles = axes[0].get_legend_handles_labels()
    place = "outside lower center"
    figure.legend(*handles, loc=place, ncols=len(mle), fontsize="x-small")
    return figure

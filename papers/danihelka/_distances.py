"""Figures 9 and 14: the independent critic's distance during training."""

import dataclasses
import itertools

import numpy as np

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun, claim_mean
from tfflowgan.report.format import number
from tfflowgan.statistics import known_value

__all__ = ["render"]

_PARTS = ("train", "validation", "test")


def render(by_label: dict[str, FinishedRun], paper: bool = True) -> Rendered:
    """Two panels, maximum likelihood and WGAN; claims about depths and about splits.

    Args:
      by_label: the runs by label.
      paper: whether the paper makes these claims about these images.
    """
    kinds = {
        kind: {label: run for label, run in by_label.items() if label.endswith(kind)}
        for kind in ("MLE", "WGAN")
    }
    figure, axes = plots.panels(2, width=5)
    claims, numbers = [], {}
    header = ["run", *(f"distance, {part}" for part in _PARTS), "test - train"]
    rows = []
    for axis, (kind, runs) in zip(axes, kinds.items(), strict=True):
        named = {label.split(",")[0]: run for label, run in runs.items()}
        lines = {
            f"{label}, {part}": (run, f"independent_{part}")
            for label, run in named.items()
            for part in _PARTS
        }
        plots.curves(axis, lines, "distance (critic's units)", legend=False)
        axis.set_title(kind, fontsize="medium")
        last = {label: {part: _late(run, part) for part in _PARTS} for label, run in runs.items()}
        numbers |= last
        for label, values in last.items():
            gap = values["test"] - values["train"]
            rows.append([label, *(number(values[part], 4) for part in _PARTS), number(gap, 4)])
        validation = {
            label: values["validation"] for label, values in zip(named, last.values(), strict=True)
        }
        if kind == "MLE":
            means = {label: claim_mean(_end(run, "validation")) for label, run in named.items()}
            pairs = [above(means[a], means[b]) for a, b in itertools.pairwise(sorted(means))]
            text = plots.order(validation, 4)
            claims.append(
                Claim(
                    "MLE: deeper flows are nearer to the validation images", all_hold(pairs), text
                )
            )
        else:
            deep, shallow = max(validation), min(validation)
            close = abs(validation[deep] - validation[shallow]) < 0.1 * max(validation.values())
            nearer = all(_nearer(run) for run in runs.values())
            text = plots.order(validation, 4) + (
                "" if nearer else "; not all have come closer since the first readings"
            )
            claims.append(
                Claim(
                    f"WGAN: {shallow} and {deep} are about equally far",
                    close if nearer else None,
                    text,
                )
            )
        statement = f"{kind}: training images are nearer to the generator than test images (Eq. 10)"
        claims.append(_nearer_claim(statement, named, "train", "test"))
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=len(kinds["MLE"]),
        fontsize="x-small",
    )
    mle = {label.split(",")[0]: run for label, run in kinds["MLE"].items()}
    claims.append(
        _nearer_claim(
            "MLE: test images are a little nearer than the critic's own validation images",
            mle,
            "test",
            "validation",
        )
    )
    notes = [
        "Solid: validation images, dotted: training images, dashed: test images. The table has "
        "means of the last three readings.",
        "Claims about two splits use the mean difference over the second half of the readings with "
        "its standard error, as if readings were independent; claims about depths use the last "
        "three readings with theirs. Splits differ slightly by themselves: on MNIST's test images "
        "an untrained flow has a gap of 0.0002.",
    ]
    claims = [dataclasses.replace(claim, paper=paper) for claim in claims]
    return Rendered(claims, (header, rows), figure, notes, numbers)


def _nearer_claim(statement, runs, near, far):
    """The claim that one split is nearer than another, in every run."""
    gaps = {label: _gap(run, near, far) for label, run in runs.items()}
    text = ", ".join(
        f"{label} {g['value']:+.4f} +- {g['standard_error']:.4f}" for label, g in gaps.items()
    )
    holds = all_hold([above(gap, exactly(0.0)) for gap in gaps.values()])
    return Claim(statement, holds, f"{far} - {near}: {text}")


def _gap(run, near, far):
    """How much farther one split is than another: the mean over the second half of the readings."""
    one, other = (run.curve(f"independent_{part}")[1] for part in (near, far))
    return claim_mean(np.subtract(other, one)[len(one) // 2 :])


def _nearer(run):
    """Whether validation images are nearer at the end than at the maximum of the first half."""
    values = run.curve("independent_validation")[1]
    return _late(run, "validation") < max(values[: len(values) // 2 + 1])


def _late(run, part):
    return known_value(claim_mean(_end(run, part)))


def _end(run, part):
    """The last three readings."""
    return run.curve(f"independent_{part}")[1][-3:]

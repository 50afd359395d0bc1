"""Figures 2, 3 and 15: samples of maximum likelihood, of WGAN, and of both together."""

import dataclasses

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, beyond
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report import critic_distance as drawn
from tfflowgan.report.format import interval

__all__ = ["NEEDS", "nearer", "of_likelihood", "render"]

NEEDS = [_critics.NEED]


def render(
    by_label: dict[str, FinishedRun], mle: str, pairs: list[tuple[str, str, bool]]
) -> Rendered:
    """The pictures, and the distances by independent critics, trained in the same way for each.

    Args:
      by_label: the runs by label.
      mle: label of the run by likelihood, which adversaries have to beat to have trained.
      pairs: (label, other, paper): the claim that the samples of one run are nearer to the images
        than those of another, and whether the paper makes it.
    """
    figure = plots.pictures([[(label, run.samples()) for label, run in by_label.items()]], side=4.0)
    test = {label: _critics.distance(run) for label, run in by_label.items()}
    claims = [
        of_likelihood(by_label, label, other, paper, mle)
        for label, other, paper in pairs
        if {label, other} <= {*test}
    ]
    notes = [
        "Global coherence has to be judged by eye; the distance complements it. Both use the last "
        "weights. Samples are nearer if the 95 % interval of the difference says so, by the same "
        "critics on the same test images.",
        _critics.OPEN,
    ]
    notes += drawn.notes({label: run.result(*NEEDS[0].key) for label, run in by_label.items()})
    headline = f"distance of test images: {_critics.listed(by_label)}"
    numbers = {"distance_test": test}
    return Rendered(claims, figure=figure, notes=notes, numbers=numbers, headline=headline)


def of_likelihood(
    by_label: dict[str, FinishedRun],
    label: str,
    other: str,
    paper: bool = True,
    mle: str | None = None,
) -> Claim:
    """The claim that an adversary's samples are nearer than those of likelihood.

    Open if the adversary has not trained. If both runs by likelihood are the same one, this very
    claim is the test of that, so it holds or is open.

    Args:
      by_label: the runs by label.
      label: the adversary.
      other: the run by likelihood.
      paper: whether the paper makes the claim.
      mle: the run by likelihood that the adversary has to beat to have trained; None for `other`.
    """
    run, claim = by_label[label], nearer(by_label, label, other, paper)
    if _critics.trained(run, by_label[mle or other]):
        return claim
    short = f"; open: {label} was trained for {run.end['step']:,} steps, and may need more"
    text = claim.ours + (short if claim.holds is not None else "")
    return dataclasses.replace(claim, holds=None, ours=text)


def nearer(by_label: dict[str, FinishedRun], label: str, other: str, paper: bool) -> Claim:
    """The claim that the samples of one run are nearer to the test images than another's.

    Args:
      by_label: the runs by label.
      label: the run that is nearer.
      other: the other one.
      paper: whether the paper makes the claim.
    """
    difference = _critics.farther(by_label[other], by_label[label])
    ours, theirs = (_critics.said(_critics.distance(by_label[name])) for name in (label, other))
    text = (
        f"distance of test images {ours} against {theirs}; nearer by "
        f"{difference['value']:+.4f} ({interval(difference, 4, signed=True)})"
    )
    statement = f"samples of {label} are nearer to the images than those of {other}"
    return Claim(statement, beyond(difference), text, paper)

"""Figures 2, 3 and 15: samples of maximum likelihood, of WGAN, and of both together."""

import dataclasses

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, beyond
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report import critic_distance as drawn
from tfflowgan.report.format import interval

__all__ = ["NEEDS", "nearer", "render"]

NEEDS = [_critics.NEED]


def render(by_label: dict[str, FinishedRun], pairs: list[tuple[str, str, bool]]) -> Rendered:
    """The pictures, and the distances by independent critics, trained in the same way for each.

    Args:
      by_label: the runs by label.
      pairs: (label, other, paper): the claim that the samples of one run are nearer to the images
        than those of another, and whether the paper makes it.
    """
    figure = plots.pictures([[(label, run.samples()) for label, run in by_label.items()]], side=4.0)
    test = {label: _critics.distance(run) for label, run in by_label.items()}
    known = [(label, other, paper) for label, other, paper in pairs if {label, other} <= {*test}]
    claims = [nearer(by_label, *pair) for pair in known]
    others = [other for _, other, _ in known]
    claims = [
        _open_if_control_is_nearer(
            claim, [c for c, o in zip(claims, others, strict=True) if o == to]
        )
        for claim, to in zip(claims, others, strict=True)
    ]
    notes = [
        "Global coherence has to be judged by eye; the distance complements it. Both use the last "
        "weights. Samples are nearer if the 95 % interval of the difference says so, by the same "
        "critics on the same test images."
    ]
    notes += drawn.notes({label: run.result(*NEEDS[0].key) for label, run in by_label.items()})
    return Rendered(claims, figure=figure, notes=notes, numbers={"distance_test": test})


def _open_if_control_is_nearer(claim, same):
    """Leaves a claim open that fails where a control of ours, against the same run, succeeds.

    Then it is our recipe that fails, of which the paper says nothing.
    """
    controls = [other.statement for other in same if not other.paper and other.holds]
    if claim.holds is not False or not claim.paper or not controls:
        return claim
    reason = f"; open, since the recipe decides: {', '.join(controls)}"
    return dataclasses.replace(claim, holds=None, ours=claim.ours + reason)


def nearer(
    by_label: dict[str, FinishedRun], label: str, other: str, paper: bool, **options
) -> Claim:
    """The claim that the samples of one run are nearer to the test images than another's.

    Args:
      by_label: the runs by label.
      label: the run that is nearer.
      other: the other one.
      paper: whether the paper makes the claim.
      **options: of `Claim`.
    """
    difference = _critics.farther(by_label[other], by_label[label])
    ours, theirs = (_critics.said(_critics.distance(by_label[name])) for name in (label, other))
    text = (
        f"distance of test images {ours} against {theirs}; nearer by "
        f"{difference['value']:+.4f} ({interval(difference, 4, signed=True)})"
    )
    statement = f"samples of {label} are nearer to the images than those of {other}"
    return Claim(statement, beyond(difference), text, paper, **options)

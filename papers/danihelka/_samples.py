"""Figures 2, 3 and 15: samples of maximum likelihood, of WGAN, and of both together."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from tfflowgan.report import critic_distance as drawn
from tfflowgan.report.format import number

__all__ = ["NEEDS", "render"]

NEEDS = [Evaluation("critic_distance", "last")]


def render(by_label: dict[str, FinishedRun], nearer: list[tuple[str, str, bool]]) -> Rendered:
    """The pictures, and the distance by a new independent critic, trained in the same way for each.

    Args:
      by_label: the runs by label.
      nearer: (label, other, paper): the claim that the samples of one run are nearer to the images
        than those of another, and whether the paper makes it.
    """
    figure = plots.pictures([[(label, run.samples()) for label, run in by_label.items()]], side=4.0)
    test = {
        label: run.result(*NEEDS[0].key)["distances"]["test"] for label, run in by_label.items()
    }
    claims = []
    for label, other, paper in nearer:
        if {label, other} <= test.keys():
            ours, theirs = test[label], test[other]
            closer = above(theirs, ours)
            text = (
                f"distance of test images {number(ours['value'], 4)} against "
                f"{number(theirs['value'], 4)}"
            )
            claims.append(
                Claim(
                    f"samples of {label} are nearer to the images than those of {other}",
                    closer,
                    text,
                    paper,
                )
            )
    notes = [
        "Global coherence has to be judged by eye; the distance complements it. Both use the last "
        "weights."
    ]
    notes += drawn.notes({label: run.result(*NEEDS[0].key) for label, run in by_label.items()})
    return Rendered(claims, figure=figure, notes=notes, numbers={"distance_test": test})

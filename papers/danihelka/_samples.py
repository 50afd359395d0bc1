"""Figures 2, 3 and 15: samples by likelihood, by WGAN, and by both."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from tfflowgan.report import critic_distance as drawn
from tfflowgan.report.format import number

__all__ = ["NEEDS", "render"]

NEEDS = [Evaluation("critic_distance", "last")]


def render(found, nearer: list[tuple[str, str, bool]]) -> Rendered:
    """The pictures, and the word of a new independent critic, which is trained alike for each.

    Args:
      found: the runs.
      nearer: a label, that of a run than which its samples are nearer to the images, and whether the paper says so.
    """
    figure = plots.pictures([[(label, run.samples()) for label, run in found.items()]], side=4.0)
    test = {label: run.result(*NEEDS[0].key)["distances"]["test"] for label, run in found.items()}
    claims = []
    for label, other, paper in nearer:
        if {label, other} <= test.keys():
            ours, theirs = test[label], test[other]
            closer = above(theirs, ours)
            text = f"distance of test images {number(ours['value'], 4)} against {number(theirs['value'], 4)}"
            claims.append(
                Claim(
                    f"samples by {label} are nearer to the images than by {other}",
                    closer,
                    text,
                    paper,
                )
            )
    notes = [
        "Whether samples are globally coherent is for the eye; the distance stands beside it. Both are of the last weights."
    ]
    notes += drawn.notes({label: run.result(*NEEDS[0].key) for label, run in found.items()})
    return Rendered(claims, figure=figure, notes=notes, numbers={"distance_test": test})

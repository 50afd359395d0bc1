"""Figures 2, 3 and 15: samples by likelihood, by WGAN, and by both."""

from tfflowgan.report import critic_distance as drawn
from tfflowgan.report._format import number
from tfflowgan.reproduce import drawing
from tfflowgan.reproduce.artefact import Claim, Evaluation, Rendered, above

__all__ = ["NEEDS", "render"]

NEEDS = [Evaluation("critic_distance", "last")]


def render(found) -> Rendered:
    """The pictures, and the word of a new independent critic, which is trained alike for each, on who is nearer than MLE."""
    figure = drawing.pictures([[(label, run.samples()) for label, run in found.items()]], side=4.0)
    test = {label: run.result(*NEEDS[0].key)["distances"]["test"] for label, run in found.items()}
    mle, *others = list(found)
    claims = []
    for label in others:
        values = (test[label], test[mle])
        further = above(*(entry[key] for entry in values for key in ("value", "standard_error")))
        text = f"distance of test images {number(test[label]['value'], 4)} against {number(test[mle]['value'], 4)}"
        holds = None if further is None else not further
        statement = f"samples by {label} are nearer to the images than by {mle}"
        claims.append(Claim(statement, holds, text, paper=not label.endswith("from new weights")))  # a control is ours
    notes = ["Whether samples are globally coherent is for the eye; the distance stands beside it. Both are of the last weights."]
    notes += drawn.notes({label: run.result(*NEEDS[0].key) for label, run in found.items()})
    return Rendered(claims, figure=figure, notes=notes, numbers={"distance_test": test})

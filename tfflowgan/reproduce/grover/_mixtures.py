"""Figures 3 and 6: a Gaussian mixture over the training images against the adversarial model."""

from tfflowgan.report import mixture as drawn
from tfflowgan.report._format import number
from tfflowgan.reproduce.artefact import Claim, Evaluation, Rendered
from tfflowgan.reproduce.grover import _scores

__all__ = ["NEEDS", "render"]

NEEDS = [Evaluation("mixture", "score")]


def render(found) -> Rendered:
    """NLL and score of the mixture over its bandwidth, beside those of the adversary."""
    results = {label: run.result("mixture", "score") for label, run in found.items()}
    score = drawn.score_shown(results)
    claims, numbers = [], {}
    for label, result in results.items():
        ranges = drawn.better_than_model(result, score)
        where = ", ".join(f"{low:.3g} to {high:.3g}" for low, high in ranges) or "no bandwidth"
        nll, scored = number(result["exact"]["validation_nll"]), number(result["model"][score])
        text = f"at sigma {where} ({label}: NLL {nll} nats, {score.replace('_', ' ')} {scored})"
        claims.append(Claim(f"{label}: at some bandwidths the mixture is better in both", bool(ranges), text))
        numbers[label] = {name: result[name] for name in ("model", "exact")} | {"better_at": ranges}
    return Rendered(
        claims,
        drawn.table(results),
        drawn.figure(results),
        [*map(_scores.classifier, found.values()), *drawn.notes(results)],
        numbers,
    )

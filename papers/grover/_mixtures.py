"""Figures 3 and 6: a Gaussian mixture over the training images against the adversarial model."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.trained import NOTE, resting
from tfflowgan.errors import UserError
from tfflowgan.report import mixture as drawn
from tfflowgan.report.format import number

__all__ = ["NEEDS", "render", "scored_by"]

NEEDS = [Evaluation("mixture", "score")]


def scored_by(results: dict[str, dict]) -> str:
    """The score by which mixtures and models are compared.

    Raises:
      UserError: there is no classifier for the images, so nothing was scored.
    """
    score = drawn.score_shown(results)
    if score is None:
        raise UserError(
            "--evaluations=mixture has given no scores; train the classifier of the images and "
            "evaluate again."
        )
    return score


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """NLL and score of the mixture over its bandwidth, and those of the adversarial models.

    A run "MLE" only says whether they have trained.
    """
    adversaries = {label: run for label, run in runs.items() if label != "MLE"}
    results = {label: run.result("mixture", "score") for label, run in adversaries.items()}
    score = scored_by(results)
    claims, numbers = [], {}
    for label, result in results.items():
        ranges = drawn.better_than_model(result, score)
        where = ", ".join(f"{low:.3g} to {high:.3g}" for low, high in ranges) or "no bandwidth"
        clearly = [
            row["bandwidth"] for row in result["gmm"]["curve"] if _better(row, result, score)
        ]
        nll, scored = (
            number(mean["value"])
            for mean in (result["exact"]["validation_nll"], result["model"][score])
        )
        text = f"at sigma {where} ({label}: NLL {nll} nats, {score.replace('_', ' ')} {scored})"
        claim = Claim(
            f"{label}: at some bandwidths the mixture is better in both",
            True if clearly else None if ranges else False,
            text,
            label == "ADV",
        )
        claims.append(resting(claim, *_scores.not_trained(runs, label)))
        numbers[label] = {name: result[name] for name in ("model", "exact")} | {"better_at": ranges}
    return Rendered(
        claims,
        drawn.table(results),
        drawn.figure(results),
        [*map(_scores.classifier, adversaries.values()), NOTE, *drawn.notes(results)],
        numbers,
        f"mixture better than ADV {_where(numbers)}",
    )


def _where(numbers):
    """The bandwidths at which the mixture is better than the adversary, in words."""
    ranges = numbers.get("ADV", {}).get("better_at") or []
    return ", ".join(f"at sigma {low:.3g} to {high:.3g}" for low, high in ranges) or "nowhere"


def _better(row, result, score):
    """Whether the mixture at a bandwidth has the lower NLL and the higher score.

    The score must be higher by two standard errors.
    """
    ours, theirs, exact = row[score], result["model"][score], result["exact"]
    if ours["value"] is None or theirs["value"] is None or exact is None:
        return False
    denser = row["validation_nll"]["value"] < exact["validation_nll"]["value"]
    return denser and above(ours, theirs) is True

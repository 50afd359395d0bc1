"""Figure 7: samples of the Gaussian mixture, MNIST (sigma 0.1) and CIFAR-10 (sigma 0.07)."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.grover._mixtures import scored_by
from papers.trained import NOTE, resting, untrained
from tfflowgan.report.format import number

PUBLISHED = (
    "At bandwidths at which the mixture has a better NLL and score than the adversary, its "
    "samples look like training images with a little noise."
)
IMAGES = "mnist and cifar10"
RUNS = {
    "ADV, MNIST": "mnist_nice_adv",
    "ADV, CIFAR-10": "cifar10_real_nvp_adv",
    "MLE, MNIST": "mnist_nice_mle",
    "MLE, CIFAR-10": "cifar10_real_nvp_mle",
}
_MIXTURE = Evaluation("mixture", "score")
NEEDS = {label: [_MIXTURE] for label in RUNS if label.startswith("ADV")}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The pictures, and the score at the paper's bandwidth."""
    rows, claims, numbers, scores = [], [], {}, []
    adversaries = {label: run for label, run in runs.items() if label.startswith("ADV")}
    for label, run in adversaries.items():
        reason = untrained(label, run, runs.get(label.replace("ADV", "MLE")))
        result = run.result("mixture", "score")
        sigma = result["paper_bandwidth"]
        row = next(r for r in result["gmm"]["curve"] if r["bandwidth"] == sigma)
        score = scored_by({label: result})
        best = f"lowest validation NLL, sigma {result['gmm']['bandwidth']:.3g}"
        rows.append(
            [
                (
                    f"{result['dataset']}, the paper's sigma {sigma:g}",
                    run.picture(_MIXTURE.key, "gmm_paper"),
                ),
                (f"{result['dataset']}, {best}", run.picture(_MIXTURE.key, "gmm_best")),
            ]
        )
        ours, theirs = row[score], result["model"][score]
        text = (
            f"{score.replace('_', ' ')} {number(ours['value'])} against {number(theirs['value'])}"
        )
        scores.append(text.replace("against", "and"))
        higher = above(ours, theirs)
        statement = f"{label}: at the paper's bandwidth the mixture's samples score higher"
        claims.append(resting(Claim(statement, higher, text), reason))
        nlls = [mean["validation_nll"]["value"] for mean in (row, result["exact"])]
        text = f"{number(nlls[0])} against {number(nlls[1])} nats"
        statement = f"{label}: there it also has the lower validation NLL"
        claims.append(resting(Claim(statement, nlls[0] < nlls[1], text), reason))
        numbers[label] = {
            "sigma": sigma,
            "mixture": row,
            "model": result["model"],
            "model_validation_nll": nlls[1],
        }
    notes = [*map(_scores.classifier, adversaries.values()), NOTE]
    return Rendered(
        claims,
        figure=plots.pictures(rows),
        notes=notes,
        numbers=numbers,
        headline="scores of mixture and ADV: " + "; ".join(scores),
    )

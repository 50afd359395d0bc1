"""Figure 7: samples of the Gaussian mixture, MNIST (sigma 0.1) and CIFAR-10 (sigma 0.07)."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.grover._mixtures import scored_by
from tfflowgan.report.format import number

PUBLISHED = (
    "At bandwidths at which the mixture has a better NLL and score than the adversary, its "
    "samples look like training images with a little noise."
)
IMAGES = "mnist and cifar10"
RUNS = {"ADV, MNIST": "mnist_nice_adv", "ADV, CIFAR-10": "cifar10_real_nvp_adv"}
NEEDS = [Evaluation("mixture", "score")]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The pictures, and the score at the paper's bandwidth."""
    rows, claims, numbers = [], [], {}
    for label, run in runs.items():
        result = run.result("mixture", "score")
        sigma = result["paper_bandwidth"]
        row = next(r for r in result["gmm"]["curve"] if r["bandwidth"] == sigma)
        score = scored_by({label: result})
        best = f"lowest validation NLL, sigma {result['gmm']['bandwidth']:.3g}"
        rows.append(
            [
                (
                    f"{result['dataset']}, the paper's sigma {sigma:g}",
                    run.picture(NEEDS[0].key, "gmm_paper"),
                ),
                (f"{result['dataset']}, {best}", run.picture(NEEDS[0].key, "gmm_best")),
            ]
        )
        ours, theirs = row[score], result["model"][score]
        text = (
            f"{score.replace('_', ' ')} {number(ours['value'])} against {number(theirs['value'])}"
        )
        higher = above(ours, theirs)
        claims.append(
            Claim(
                f"{label}: at the paper's bandwidth the mixture's samples score higher",
                higher,
                text,
            )
        )
        nlls = [mean["validation_nll"]["value"] for mean in (row, result["exact"])]
        text = f"{number(nlls[0])} against {number(nlls[1])} nats"
        claims.append(
            Claim(f"{label}: there it also has the lower validation NLL", nlls[0] < nlls[1], text)
        )
        numbers[label] = {
            "sigma": sigma,
            "mixture": row,
            "model": result["model"],
            "model_validation_nll": nlls[1],
        }
    notes = [_scores.classifier(run) for run in runs.values()]
    return Rendered(claims, figure=plots.pictures(rows), notes=notes, numbers=numbers)

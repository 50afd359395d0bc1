"""In words: the weight of the likelihood trades sample quality against density (Eq. 7)."""

import itertools

from matplotlib.figure import Figure

from papers.artefact import Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from papers.grover import _scores
from tfflowgan.report.format import number, value

PUBLISHED = (
    "V(G, D) + weight * NLL interpolates between the adversary (weight 0) and maximum likelihood "
    "(a very large weight). On MNIST the hybrid (weight 0.1) is better than both in score and NLL; "
    "on CIFAR-10 it lies between them."
)
IMAGES = "mnist"
RUNS = {
    "ADV": "mnist_nice_adv",
    "ADV, from MLE": "mnist_nice_adv_from_mle",
    "hybrid 0.01": "mnist_nice_weight_0.01",
    "hybrid 0.1": "mnist_nice_hybrid",
    "hybrid 1": "mnist_nice_weight_1",
    "hybrid 10": "mnist_nice_weight_10",
    "MLE": "mnist_nice_mle",
    "MLE, five epochs more": "mnist_nice_mle_longer",
}
NEEDS = _scores.NEEDS
_BEST, _SAME = "nll", "score"  # weights of an NLL: best validation NLL, or those of the score


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """One point per weight, and whether a hybrid is better than each other run in both values."""
    nlls = {
        select: {label: run.result("likelihood", select)["test"] for label, run in runs.items()}
        for select in (_BEST, _SAME)
    }
    scores = {label: _scores.score(run, "mode_score") for label, run in runs.items()}
    header = [
        "run",
        "MODE score",
        "test NLL of these weights (nats)",
        "test NLL at best validation NLL (nats)",
        "FID",
        "length",
    ]
    rows = [
        _row(label, run, scores[label], [nlls[select][label] for select in (_SAME, _BEST)])
        for label, run in runs.items()
    ]
    same = {label: test["nll"]["value"] for label, test in nlls[_SAME].items()}
    weights = [label for label in runs if label.startswith("hybrid")]
    pairs = list(itertools.pairwise(weights))
    text = ", ".join(f"{label} {number(same[label])}" for label in weights)
    falling = all_hold([above(runs[a].nll_above(runs[b], _SAME), exactly(0.0)) for a, b in pairs])
    claims = [Claim("the higher the likelihood's weight, the lower the NLL", falling, text)]
    text = ", ".join(f"{label} {number(scores[label]['value'])}" for label in weights)
    rising = all_hold([above(scores[a], scores[b]) for a, b in pairs])
    claims.append(Claim("the higher the likelihood's weight, the lower the score", rising, text))
    for other in [label for label in runs if label not in weights]:
        statement = f"some hybrid is better than {other} in both"
        claims.append(_some(statement, runs, weights, other, _BEST, other in ("MLE", "ADV")))
    for other in ("MLE", *(label for label in runs if label.endswith(" more"))):
        statement = f"with one set of weights for both values, some hybrid is better than {other}"
        claims.append(_some(statement, runs, weights, other, _SAME, False))
    notes = [
        "Scores are of the weights with the best score during training. An NLL is of the same "
        "weights or, as in the paper's tables, of those with the best validation NLL. Better means "
        "by two standard errors, for NLLs of the differences image by image."
    ]
    numbers = {
        "mode_score": scores,
        "test_nll": {label: test["nll"] for label, test in nlls[_SAME].items()},
    }
    numbers["test_nll_best_validated"] = {label: test["nll"] for label, test in nlls[_BEST].items()}
    return Rendered(claims, (header, rows), _figure(same, scores), notes, numbers)


def _row(label, run, score, tests):
    fid = number(run.result("sample_scores", "score")["samples"]["fid"])
    return [label, value(score), *(value(t["nll"]) for t in tests), fid, _scores.ending(run)]


def _figure(nlls, scores):
    """NLL against score of the same weights."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axis = figure.subplots()
    densest = min(nlls.values())
    for label, mean in scores.items():
        score = mean["value"]
        axis.errorbar(nlls[label] - densest, score, mean["standard_error"], fmt=".")
        right = not label.endswith(" more")  # that point is close to MLE
        place = {"xytext": (5, -9), "ha": "left"} if right else {"xytext": (-5, 5), "ha": "right"}
        axis.annotate(
            label,
            (nlls[label] - densest, score),
            textcoords="offset points",
            fontsize="x-small",
            **place,
        )
    axis.set_xscale("symlog", linthresh=1.0)
    axis.margins(x=0.15)
    axis.set(xlabel=f"test NLL, nats above {densest:.2f}", ylabel="MODE score; one standard error")
    axis.grid(alpha=0.3)
    return figure


def _some(statement, runs, weights, other, select, paper):
    """The claim that a hybrid has the higher score and the lower NLL than another run."""
    better = {label: _better(runs[label], runs[other], select) for label in weights}
    best = [label for label in weights if better[label]]
    nll = runs[other].result("likelihood", select)["test"]["nll"]["value"]
    score = _scores.score(runs[other], "mode_score")["value"]
    text = (
        f"{', '.join(best) or 'none for certain'} "
        f"({other}: {number(nll)} nats, MODE {number(score)})"
    )
    return Claim(
        statement, True if best else None if None in better.values() else False, text, paper
    )


def _better(run, other, select):
    """Whether a run has the higher score and, image by image, the lower NLL.

    Both by two standard errors.
    """
    denser = above(other.nll_above(run, select), exactly(0.0))
    return all_hold(
        [denser, above(_scores.score(run, "mode_score"), _scores.score(other, "mode_score"))]
    )

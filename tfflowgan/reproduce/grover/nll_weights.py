"""In words: the weight of the likelihood trades samples against density (Eq. 7)."""

from matplotlib.figure import Figure

from tfflowgan.report._format import number, value
from tfflowgan.reproduce.artefact import Claim, Rendered, above, all_hold
from tfflowgan.reproduce.grover import _scores

PUBLISHED = (
    "V(G, D) + weight * NLL interpolates between the adversary (weight 0) and maximum likelihood (a very large weight), and so "
    "trades samples against density, which the paper sees on CIFAR-10; on MNIST its hybrid is better than both in both."
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


def render(found):
    """NLL against MODE score of the same weights, a point a weight."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axis = figure.subplots()
    header = ["run", "test NLL (nats)", "MODE score", "FID", "length"]
    rows, nlls, scores = [], {}, {}
    for label, run in found.items():
        test, (best, error) = run.result("likelihood", "score")["test"], _scores.score(run, "mode_score")
        fid = number(run.result("sample_scores", "score")["samples"]["fid"])
        rows.append([label, value(test["nll"], test["nll_standard_error"]), value(best, error), fid, _scores.ending(run)])
        nlls[label], scores[label] = test["nll"], best
    densest = min(nlls.values())
    for label, run in found.items():
        above_densest = nlls[label] - densest
        axis.errorbar(above_densest, scores[label], _scores.score(run, "mode_score")[1], fmt=".")
        axis.annotate(label, (above_densest, scores[label]), textcoords="offset points", xytext=(5, -9), fontsize="x-small")
    axis.set_xscale("symlog", linthresh=1.0)
    axis.margins(x=0.15)
    axis.set(xlabel=f"test NLL, nats above {densest:.2f}", ylabel="MODE score; one standard error")
    axis.grid(alpha=0.3)
    weights = [label for label in nlls if label.startswith("hybrid")]
    pairs = list(zip(weights, weights[1:], strict=False))
    text = ", ".join(f"{label} {number(nlls[label])}" for label in weights)
    falling = all_hold([above(*found[a].nll_above(found[b], "score"), 0.0, 0.0) for a, b in pairs])
    claims = [Claim("the more weight the likelihood has, the lower the NLL", falling, text)]
    text = ", ".join(f"{label} {number(scores[label])}" for label in weights)
    rising = all_hold([above(*(v for c in pair for v in _scores.score(found[c], "mode_score"))) for pair in pairs])
    claims.append(Claim("and the lower the score", rising, text))
    for other in ("MLE", "ADV", *(label for label in found if label.endswith(" more"))):
        better = {label: _better(found[label], found[other]) for label in weights}
        best = [label for label in weights if better[label]]
        text = f"{', '.join(best) or 'none for certain'} ({other}: {number(nlls[other])} nats, MODE {number(scores[other])})"
        holds = True if best else None if None in better.values() else False
        ours = "(ours) " if other.endswith(" more") else ""
        claims.append(Claim(f"{ours}some hybrid is better than {other} in both", holds, text))
    notes = ["NLL and score are of the same weights, those with the best score while training."]
    return Rendered(claims, (header, rows), figure, notes, {"test_nll": nlls, "mode_score": scores})


def _better(run, other):
    """Whether a run has the higher score, and the lower NLL image by image, each by two standard errors."""
    denser = above(*other.nll_above(run, "score"), 0.0, 0.0)
    return all_hold([denser, above(*_scores.score(run, "mode_score"), *_scores.score(other, "mode_score"))])

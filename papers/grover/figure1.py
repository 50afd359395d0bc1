"""Figure 1: samples of Flow-GAN models trained with each objective, MNIST above, CIFAR-10 below."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from papers.grover import _scores
from tfflowgan.report.format import number

PUBLISHED = (
    "Samples of the weights with the best MODE or Inception scores: adversary and hybrid generate "
    "digits and coherent patches, maximum likelihood broken strokes and blurred patches."
)
IMAGES = "mnist and cifar10"
_SETS = {"MNIST": "mnist_nice", "CIFAR-10": "cifar10_real_nvp"}
_OBJECTIVES = {"MLE": "mle", "ADV": "adv", "hybrid": "hybrid"}
RUNS = {f"{o}, {s}": f"{run}_{end}" for s, run in _SETS.items() for o, end in _OBJECTIVES.items()}
RUNS["ADV from MLE, MNIST"] = "mnist_nice_adv_from_mle"
NEEDS = [Evaluation("sample_scores", "score")]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The pictures, and whether scores agree with the paper's visual judgement."""
    rows = [
        [
            (label, run.picture(NEEDS[0].key, "samples"))
            for label, run in runs.items()
            if label.endswith(s)
        ]
        for s in _SETS
    ]
    claims, scores = [], {}
    for images, name in (("MNIST", "mode_score"), ("CIFAR-10", "inception_score")):
        these = {
            o: _scores.score(runs[f"{o}, {images}"], name)
            for o in _OBJECTIVES
            if f"{o}, {images}" in runs
        }
        scores[images] = these
        for objective in [o for o in ("ADV", "hybrid") if {o, "MLE"} <= these.keys()]:
            ours, theirs = (number(these[o]["value"]) for o in (objective, "MLE"))
            text = f"{name.replace('_', ' ')} {ours} against {theirs}"
            better = above(these[objective], these["MLE"])
            claims.append(Claim(f"{images}: {objective} has better samples than MLE", better, text))
    notes = list(dict.fromkeys(_scores.classifier(run) for run in runs.values()))
    return Rendered(
        claims,
        figure=plots.pictures([row for row in rows if row]),
        notes=notes,
        numbers={"scores": scores},
    )

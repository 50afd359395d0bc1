"""Figure 1: samples of Flow-GAN models trained with each objective, MNIST above, CIFAR-10 below.

Also draws OUTPUT/three_objectives.png, the picture of the project's front page.
"""

from papers import plots, side_by_side
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.trained import NOTE, resting, untrained
from tfflowgan.report.format import number

PUBLISHED = (
    "Samples of the weights with the best MODE or Inception scores: adversary and hybrid generate "
    "digits and coherent patches, maximum likelihood broken strokes and blurred patches."
)
IMAGES = "mnist and cifar10"
_SETS = {"MNIST": "mnist_nice", "CIFAR-10": "cifar10_real_nvp"}
_COUNTS = {"MNIST": "grover/table1", "CIFAR-10": "grover/table2"}  # the same scores
_FRONT = {"MLE": "likelihood", "hybrid": "both", "ADV": "adversary"}  # of MNIST, with captions
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
            statement = f"{images}: {objective} has better samples than MLE"
            claim = Claim(statement, better, text, same_as=_COUNTS[images])
            label, mle = (f"{one}, {images}" for one in (objective, "MLE"))
            reason = untrained(label, runs[label], runs[mle]) if objective == "ADV" else None
            claims.append(resting(claim, reason))
    notes = [*dict.fromkeys(_scores.classifier(run) for run in runs.values()), NOTE]
    return Rendered(
        claims,
        figure=plots.pictures([row for row in rows if row]),
        notes=notes,
        numbers={"scores": scores},
        headline="; ".join(_said(images, these) for images, these in scores.items() if these),
        pictures=_front_page(runs),
    )


def _said(images, scores):
    """The scores of one set of images in words."""
    return f"{images} " + ", ".join(f"{o} {number(m['value'])}" for o, m in scores.items())


def _front_page(runs):
    """Likelihood, both and adversary on MNIST, side by side; nothing if one of them is missing."""
    labels = {f"{objective}, MNIST": caption for objective, caption in _FRONT.items()}
    if not labels.keys() <= runs.keys():
        return {}
    blocks = [
        (caption, runs[label].picture(NEEDS[0].key, "samples"), runs[label].data["image_shape"])
        for label, caption in labels.items()
    ]
    return {"three_objectives.png": side_by_side.compose(blocks)}

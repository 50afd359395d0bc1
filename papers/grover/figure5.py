"""Figure 5: scores of samples over training, MNIST and CIFAR-10."""

import math

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.trained import NOTE, resting, untrained
from tfflowgan.report.format import number

PUBLISHED = "The adversary's MODE and Inception scores end far above those of maximum likelihood."
IMAGES = "mnist and cifar10"
_SETS = {"MNIST": ("mnist_nice", "mode_score"), "CIFAR-10": ("cifar10_real_nvp", "inception_score")}
_OBJECTIVES = {"MLE": "mle", "ADV": "adv", "hybrid": "hybrid"}
RUNS = {
    f"{o}, {s}": f"{run}_{end}" for s, (run, _) in _SETS.items() for o, end in _OBJECTIVES.items()
}
RUNS["ADV from MLE, MNIST"] = "mnist_nice_adv_from_mle"
NEEDS = []
_READINGS = 5  # at the end


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves, and their final values."""
    images = [s for s in _SETS if any(label.endswith(s) for label in runs)]
    figure, axes = plots.panels(len(images))
    claims, numbers, ends = [], {}, []
    for axis, name in zip(axes, images, strict=True):
        score = _SETS[name][1]
        these = {label: run for label, run in runs.items() if label.endswith(name)}
        title = score.replace("_", " ").replace("mode", "MODE").replace("inception", "Inception")
        plots.curves(axis, {label: (run, score) for label, run in these.items()}, title)
        axis.set_title(name, fontsize="medium")
        last = {label: run.curve(score)[1][-_READINGS:] for label, run in these.items()}
        numbers |= last
        mle, adv = last[f"MLE, {name}"], last[f"ADV, {name}"]
        text = ", ".join(
            f"{label.split(',')[0]} {number(min(v))} to {number(max(v))}"
            for label, v in last.items()
        )
        known = all(map(math.isfinite, mle + adv))
        holds = (
            (True if min(adv) > max(mle) else False if max(adv) < min(mle) else None)
            if known
            else None
        )
        claim = Claim(f"{name}: the adversary ends above maximum likelihood", holds, text)
        label = f"ADV, {name}"
        claims.append(resting(claim, untrained(label, runs[label], runs[f"MLE, {name}"])))
        ends.append(f"{name} MLE {number(mle[-1])}, ADV {number(adv[-1])}")
    notes = [
        f"Ranges of the last {_READINGS} readings.",
        *(_scores.classifier(runs[f"MLE, {name}"]) for name in images),
        NOTE,
    ]
    headline = f"at the end: {'; '.join(ends)}"
    return Rendered(claims, figure=figure, notes=notes, numbers=numbers, headline=headline)

"""In words: the adversarial loss does not follow the NLL (section 3.3)."""

import dataclasses

from papers.artefact import Evaluation, Rendered
from papers.finished_run import FinishedRun
from papers.grover import _signal
from papers.trained import NOTE, resting, untrained
from tfflowgan.report import learning_signal as drawn
from tfflowgan.report.format import number

PUBLISHED = (
    "The WGAN loss does not correlate well with the NLL: it settles after a few iterations while "
    "the NLL continues to rise."
)
IMAGES = "mnist and cifar10"
RUNS = {
    "ADV, MNIST": "mnist_nice_adv",
    "ADV from MLE, MNIST": "mnist_nice_adv_from_mle",
    "ADV, CIFAR-10": "cifar10_real_nvp_adv",
    "MLE, MNIST": "mnist_nice_mle",
    "MLE, CIFAR-10": "cifar10_real_nvp_mle",
}
NEEDS = {label: [Evaluation("learning_signal")] for label in RUNS if label.startswith("ADV")}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Correlations over each run; the paper has no adversary that starts from MLE."""
    adversaries = {label: run for label, run in runs.items() if label.startswith("ADV")}
    results = {label: run.result("learning_signal") for label, run in adversaries.items()}
    claims = []
    for label, result in results.items():
        claim = _signal.claim(label, result)
        claim = dataclasses.replace(claim, paper="from MLE" not in label)
        mle = runs.get(f"MLE, {label.rpartition(', ')[2]}")
        reason = untrained(label, runs[label], mle)
        claims.append(resting(claim, reason))
    numbers = {label: result["signals"] for label, result in results.items()}
    ranks = {label: signals["distance"]["levels"]["spearman"] for label, signals in numbers.items()}
    headline = "; ".join(f"{label} {number(rank)}" for label, rank in ranks.items())
    notes = [NOTE, *drawn.notes(results)]
    table, figure = drawn.table(results), drawn.figure(results)
    return Rendered(claims, table, figure, notes, numbers, f"Spearman's correlation: {headline}")

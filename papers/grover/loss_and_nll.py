"""In words: the adversarial loss does not follow the NLL (section 3.3)."""

from papers.artefact import Evaluation, Rendered
from papers.finished_run import FinishedRun
from papers.grover import _signal
from tfflowgan.report import learning_signal as drawn

PUBLISHED = (
    "The WGAN loss does not correlate well with the NLL: it settles after a few iterations while "
    "the NLL continues to rise."
)
IMAGES = "mnist and cifar10"
RUNS = {
    "ADV, MNIST": "mnist_nice_adv",
    "ADV from MLE, MNIST": "mnist_nice_adv_from_mle",
    "ADV, CIFAR-10": "cifar10_real_nvp_adv",
}
NEEDS = [Evaluation("learning_signal")]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Correlations over each run."""
    results = {label: run.result("learning_signal") for label, run in runs.items()}
    claims = [_signal.claim(label, result) for label, result in results.items()]
    numbers = {label: result["signals"] for label, result in results.items()}
    return Rendered(
        claims, drawn.table(results), drawn.figure(results), drawn.notes(results), numbers
    )

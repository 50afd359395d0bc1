"""Table 1: best MODE scores and test NLLs of Flow-GAN models on MNIST."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _scores

PUBLISHED = (
    "NICE on MNIST: the hybrid is the best in both columns; the adversary has a far worse NLL and "
    "a higher MODE score than maximum likelihood. The NLL is that of the model with the best "
    "validation NLL, the score the highest during training."
)
IMAGES = "mnist"
RUNS = {
    "MLE": "mnist_nice_mle",
    "ADV": "mnist_nice_adv",
    "ADV, from MLE": "mnist_nice_adv_from_mle",
    "hybrid": "mnist_nice_hybrid",
    "MLE, five epochs more": "mnist_nice_mle_longer",
}
SEEDS = True
NEEDS = _scores.NEEDS
_TABLE = {"MLE": (7.42, -3334.56), "ADV": (9.24, -1604.09), "hybrid": (9.37, -3342.95)}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The table."""
    return _scores.render(runs, _TABLE, "mode_score", in_bits=False)

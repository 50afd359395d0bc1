"""In words: the weight of the likelihood trades sample quality against density (Eq. 7)."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _weights

PUBLISHED = (
    "V(G, D) + weight * NLL interpolates between the adversary (weight 0) and maximum likelihood "
    "(a very large weight), and the weight can smoothly balance the two (section 4, of all "
    "images). On MNIST the hybrid (weight 0.1) is better than both in score and NLL."
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
NEEDS = _weights.NEEDS
_PAGE = _weights.Page("mode_score", "MODE", better_than=("MLE", "ADV"))


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The page of MNIST."""
    return _weights.render(runs, _PAGE)

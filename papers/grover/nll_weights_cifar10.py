"""In words: the weight of the likelihood on CIFAR-10, where the hybrid trades the two (Eq. 7)."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _weights

PUBLISHED = (
    "On CIFAR-10 the hybrid trades the two goals smoothly (section 1). With weight 1 it lies "
    "between adversary and maximum likelihood in score and NLL."
)
IMAGES = "cifar10"
_WEIGHTS = (0.0001, 0.001, 0.01, 0.1, 1.0)  # each scale has some of them
RUNS = {
    "ADV": "cifar10_real_nvp_adv",
    "ADV, from MLE": "cifar10_real_nvp_adv_from_mle",
    **{f"hybrid {weight:g}": f"cifar10_weight_{weight:g}" for weight in _WEIGHTS},
    "MLE": "cifar10_real_nvp_mle",
    "MLE, as much more": "cifar10_real_nvp_mle_longer",
}
NEEDS = _weights.NEEDS
_PAGE = _weights.Page("inception_score", "Inception", better_than=())


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The page of CIFAR-10; that a hybrid is better in both is not the paper's claim there."""
    return _weights.render(runs, _PAGE)

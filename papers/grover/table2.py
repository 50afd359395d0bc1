"""Table 2: best Inception scores and test NLLs of Flow-GAN models on CIFAR-10."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _scores

PUBLISHED = (
    "Real NVP on CIFAR-10: in both columns the hybrid (weight 1) lies between maximum likelihood, "
    "which has the best density, and the adversary, which has the best samples. The score is the "
    "highest Inception score during training."
)
IMAGES = "cifar10"
RUNS = {
    "MLE": "cifar10_real_nvp_mle",
    "ADV": "cifar10_real_nvp_adv",
    "ADV, from MLE": "cifar10_real_nvp_adv_from_mle",
    "hybrid": "cifar10_real_nvp_hybrid",
    "MLE, two epochs more": "cifar10_real_nvp_mle_longer",
}
SEEDS = True
NEEDS = _scores.NEEDS
_TABLE = {"MLE": (2.92, 3.54), "ADV": (5.76, 8.53), "hybrid": (3.90, 4.21)}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The table."""
    return _scores.render(runs, _TABLE, "inception_score", in_bits=True)

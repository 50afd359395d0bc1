"""Figure 15: samples of NVP1 trained with WGAN and maximum likelihood together."""

from papers.artefact import Rendered
from papers.danihelka import _samples
from papers.finished_run import FinishedRun

PUBLISHED = (
    "CelebA: samples of NVP1 trained with both objectives together are more globally coherent than "
    "with maximum likelihood alone."
)
IMAGES = "celeb_a"
RUNS = {
    "MLE": "faces_nvp1_mle",
    "MLE + WGAN": "faces_nvp1_combined",
    "MLE, as many steps more": "faces_nvp1_mle_longer",
}
NEEDS = _samples.NEEDS


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Samples side by side; the control trains with likelihood alone for as long."""
    pairs = [("MLE + WGAN", "MLE", True), ("MLE + WGAN", "MLE, as many steps more", False)]
    return _samples.render(runs, "MLE", pairs)

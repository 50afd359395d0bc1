"""Figure 3: samples of the shallow NVP1 trained with maximum likelihood and with WGAN."""

from papers.artefact import Rendered
from papers.danihelka import _samples
from papers.finished_run import FinishedRun

PUBLISHED = (
    "CelebA: with maximum likelihood NVP1 generates patches that are coherent only locally; with "
    "WGAN it generates faces."
)
IMAGES = "celeb_a"
_MLE = "NVP1, MLE"
RUNS = {
    _MLE: "faces_nvp1_mle",
    "NVP1, WGAN": "faces_nvp1_wgan",
    "NVP1, WGAN from new weights": "faces_nvp1_wgan_new",
}
NEEDS = _samples.NEEDS


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Samples side by side; the control starts from new weights, as the paper's WGANs do."""
    pairs = [(label, _MLE, label == "NVP1, WGAN") for label in runs if label != _MLE]
    return _samples.render(runs, _MLE, pairs)

"""Figure 2: samples of NVP3 trained with maximum likelihood and with WGAN."""

from papers.artefact import Rendered
from papers.danihelka import _samples
from papers.finished_run import FinishedRun

PUBLISHED = "CelebA: faces generated with WGAN are coherent, those with maximum likelihood less so."
IMAGES = "celeb_a"
_MLE = "NVP3, MLE"
RUNS = {
    _MLE: "faces_nvp3_mle",
    "NVP3, WGAN": "faces_nvp3_wgan",
    "NVP3, WGAN at a fifth of the rate": "faces_nvp3_wgan_slow",
    "NVP3, WGAN from new weights": "faces_nvp3_wgan_new",
}
NEEDS = _samples.NEEDS


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Samples side by side.

    One control has a slower generator; the other starts from new weights, as the paper's WGANs do.
    """
    pairs = [(label, _MLE, label == "NVP3, WGAN") for label in runs if label != _MLE]
    return _samples.render(runs, _MLE, pairs)

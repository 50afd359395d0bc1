"""Figure 15: samples of NVP1 trained by WGAN and likelihood together."""

from papers.danihelka import _samples

PUBLISHED = "CelebA: samples by both objectives together are more globally coherent than those of NVP1 by maximum likelihood alone."
IMAGES = "celeb_a"
RUNS = {
    "MLE": "faces_nvp1_mle",
    "MLE + WGAN": "faces_nvp1_combined",
    "MLE, one epoch more": "faces_nvp1_mle_longer",
}
NEEDS = _samples.NEEDS


def render(found):
    """Samples side by side; the control is as much more training by likelihood."""
    return _samples.render(
        found, [("MLE + WGAN", "MLE", True), ("MLE + WGAN", "MLE, one epoch more", False)]
    )

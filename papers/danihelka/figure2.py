"""Figure 2: samples of NVP3 trained by maximum likelihood and by WGAN."""

from papers.danihelka import _samples

PUBLISHED = "CelebA: the faces by WGAN hang together, those by maximum likelihood less so."
IMAGES = "celeb_a"
RUNS = {
    "NVP3, MLE": "faces_nvp3_mle",
    "NVP3, WGAN": "faces_nvp3_wgan",
    "NVP3, WGAN at a fifth of the rate": "faces_nvp3_wgan_slow",
    "NVP3, WGAN from new weights": "faces_nvp3_wgan_new",
}
NEEDS = _samples.NEEDS


def render(found):
    """Samples side by side; one control has a slower generator, the other starts from new weights, as the paper's WGANs do."""
    return _samples.render(
        found, [(label, "NVP3, MLE", label == "NVP3, WGAN") for label in found if "WGAN" in label]
    )

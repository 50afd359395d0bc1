"""Figure 2: samples of NVP3 trained by maximum likelihood and by WGAN."""

from tfflowgan.reproduce.danihelka import _samples

PUBLISHED = "CelebA: the faces by WGAN hang together, those by maximum likelihood less so."
IMAGES = "celeb_a"
RUNS = {"NVP3, MLE": "faces_nvp3_mle", "NVP3, WGAN": "faces_nvp3_wgan", "NVP3, WGAN from new weights": "faces_nvp3_wgan_new"}
NEEDS = _samples.NEEDS


def render(found):
    """Samples side by side; the control starts from new weights, as the paper's WGANs do."""
    return _samples.render(found, [("NVP3, WGAN", "NVP3, MLE", True), ("NVP3, WGAN from new weights", "NVP3, MLE", False)])

"""Figure 15: samples of NVP1 trained by WGAN and likelihood together."""

from tfflowgan.reproduce.danihelka import _samples

PUBLISHED = (
    "CelebA: samples by both objectives together are more globally coherent than those of NVP1 by maximum likelihood alone."
)
IMAGES = "celeb_a"
RUNS = {"MLE": "faces_nvp1_mle", "MLE + WGAN": "faces_nvp1_combined"}
NEEDS = _samples.NEEDS
render = _samples.render

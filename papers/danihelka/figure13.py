"""Figure 13: bits/dim of real NVPs under WGAN on MNIST."""

from papers.danihelka import _curves

PUBLISHED = "High negative log-densities on MNIST as well; validation and training losses overlap."
IMAGES = "mnist"
RUNS = {f"NVP{level}": f"mnist_nvp{level}_wgan" for level in (1, 2, 3)}
NEEDS = []
render = _curves.wgan

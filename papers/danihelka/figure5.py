"""Figure 5: bits/dim of real NVPs under WGAN."""

from papers.danihelka import _curves

PUBLISHED = (
    "CelebA, logarithmic scale: the density gets steadily worse, far beyond 8 bits/dim; training "
    "and validation losses overlap."
)
IMAGES = "celeb_a"
RUNS = {f"NVP{level}": f"faces_nvp{level}_wgan" for level in (1, 2, 3)}
NEEDS = []
render = _curves.wgan

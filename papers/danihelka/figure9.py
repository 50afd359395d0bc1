"""Figure 9: distance by an independent critic during training, MLE and WGAN."""

from papers.danihelka import _critics, _distances

PUBLISHED = (
    "CelebA: under maximum likelihood NVP3 is nearest, then NVP2, then NVP1. Under WGAN NVP1 and "
    "NVP3 are about equally near. Training images are nearer to the trained generators than test "
    "images."
)
IMAGES = "celeb_a"
RUNS = {
    f"NVP{level}, {kind}": f"faces_nvp{level}_{kind.lower()}"
    for kind in ("MLE", "WGAN")
    for level in (1, 2, 3)
}
NEEDS = [_critics.NEED]
render = _distances.render

"""Figure 14: distance by an independent critic over training on MNIST, by maximum likelihood and by WGAN."""

from papers.danihelka import _distances

PUBLISHED = "The same two panels on MNIST; the paper says no more of them, so the claims, which are those on CelebA, are ours."
IMAGES = "mnist"
RUNS = {
    f"NVP{level}, {kind}": f"mnist_nvp{level}_{kind.lower()}"
    for kind in ("MLE", "WGAN")
    for level in (1, 2, 3)
}
NEEDS = []


def render(found):
    """The two panels; the claims are those that the paper makes for CelebA."""
    return _distances.render(found, paper=False)

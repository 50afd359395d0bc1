"""Figure 14: distance by an independent critic during training on MNIST, MLE and WGAN."""

from papers.artefact import Rendered
from papers.danihelka import _critics, _distances
from papers.finished_run import FinishedRun

PUBLISHED = (
    "The same two panels on MNIST. The paper does not discuss them, so the claims, which are those "
    "on CelebA, are ours."
)
IMAGES = "mnist"
RUNS = {
    f"NVP{level}, {kind}": f"mnist_nvp{level}_{kind.lower()}"
    for kind in ("MLE", "WGAN")
    for level in (1, 2, 3)
}
NEEDS = [_critics.NEED]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The two panels; the claims are those that the paper makes for CelebA."""
    return _distances.render(runs, paper=False)

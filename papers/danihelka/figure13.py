"""Figure 13: bits/dim of real NVPs under WGAN on MNIST."""

from papers.artefact import Rendered
from papers.danihelka import _critics, _curves
from papers.finished_run import FinishedRun

PUBLISHED = "High negative log-densities on MNIST as well; validation and training losses overlap."
IMAGES = "mnist"
RUNS = {f"NVP{level}": f"mnist_nvp{level}_wgan" for level in (1, 2, 3)}
RUNS |= {f"NVP{level}, MLE": f"mnist_nvp{level}_mle" for level in (1, 2, 3)}
NEEDS = {label: [_critics.NEED] if "MLE" in label else _curves.WGAN for label in RUNS}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves; that densities get steadily worse is not said of MNIST, so this claim is ours."""
    return _curves.wgan(runs, paper=False)

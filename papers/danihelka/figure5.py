"""Figure 5: bits/dim of real NVPs under WGAN."""

from papers.artefact import Rendered
from papers.danihelka import _critics, _curves
from papers.finished_run import FinishedRun

PUBLISHED = (
    "CelebA, logarithmic scale: the density gets steadily worse, far beyond 8 bits/dim; training "
    "and validation losses overlap."
)
IMAGES = "celeb_a"
RUNS = {f"NVP{level}": f"faces_nvp{level}_wgan" for level in (1, 2, 3)}
RUNS |= {f"NVP{level}, MLE": f"faces_nvp{level}_mle" for level in (1, 2, 3)}
NEEDS = {label: [_critics.NEED] if "MLE" in label else _curves.WGAN for label in RUNS}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves of WGAN's runs; those by likelihood say which of them have trained."""
    return _curves.wgan(runs, paper=True)

"""Figure 4: distribution of the singular values of the generators' Jacobians, MNIST."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _spectra

PUBLISHED = (
    "At 64 draws of z the singular values under maximum likelihood and the hybrid lie in a narrow "
    "range. Those of the adversary are spread over many decades, and those of DCGAN generators "
    "under Wasserstein and Jensen-Shannon are shifted to lower values. Mean log-determinants: MLE "
    "-4170.34, hybrid -5184.40, ADV -15588.34."
)
IMAGES = "mnist"
RUNS = _spectra.MNIST
NEEDS = _spectra.needs(64)


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The distributions; in the paper, the adversarial flow's is wide and DCGAN's are shifted."""
    return _spectra.render(runs, "MNIST")

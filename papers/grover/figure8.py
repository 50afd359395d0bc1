"""Figure 8: distribution of the singular values of the generators' Jacobians, CIFAR-10."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _spectra

PUBLISHED = (
    "As figure 4, on CIFAR-10: the adversaries' singular values have a large spread, the hybrid's "
    "are concentrated like those of maximum likelihood. Mean log-determinants: MLE -12818.84, "
    "hybrid -14729.51, ADV -21848.09."
)
IMAGES = "cifar10"
RUNS = _spectra.CIFAR10
NEEDS = _spectra.needs(4)


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The distributions; in the paper, those of all adversaries are wide."""
    return _spectra.render(runs, "CIFAR-10")

"""Figure 4: distribution of the singular values of the generators' Jacobians, MNIST."""

from papers.grover import _spectra

PUBLISHED = (
    "At 64 draws of z the singular values under maximum likelihood and the hybrid lie in a narrow range; those of the "
    "adversary are spread over many decades, and those of DCGAN generators under Wasserstein and Jensen-Shannon are shifted to "
    "lower values. Mean log-determinants: MLE -4170.34, hybrid -5184.40, ADV -15588.34."
)
IMAGES = "mnist"
RUNS = _spectra.MNIST
NEEDS = _spectra.needs(64)


def render(found):
    """The distributions; the paper finds the flow's wide, and those of DCGAN shifted."""
    return _spectra.render(found, wide=("ADV",), lower=("DCGAN, Wasserstein", "DCGAN, JS"))

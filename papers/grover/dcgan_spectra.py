"""In words: spectra of DCGAN, Wasserstein and Jensen-Shannon (section 5.1, appendix D)."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _spectra
from papers.trained import NOTE
from tfflowgan.report import jacobian as drawn
from tfflowgan.report.format import number

PUBLISHED = (
    "DCGAN generators with as many latents as pixels: on MNIST, singular values are shifted to "
    "lower magnitudes under both divergences too; on CIFAR-10 they have a large spread."
)
IMAGES = "mnist and cifar10"
RUNS = {
    f"{label}, {images}": runs[label]
    for images, runs in (("MNIST", _spectra.MNIST), ("CIFAR-10", _spectra.CIFAR10))
    for label in ("MLE", *_spectra.TRAINED, "DCGAN, untrained")
}
NEEDS = {label: _spectra.needs(64 if label.endswith("MNIST") else 4) for label in RUNS}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Medians and spreads, compared with those of maximum likelihood and of an untrained DCGAN."""
    spectra = _spectra.results(runs)
    claims = []
    for images in ("MNIST", "CIFAR-10"):
        end = f", {images}"
        these = {k.removesuffix(end): run for k, run in runs.items() if k.endswith(end)}
        trained = [label for label in _spectra.TRAINED if label in these]
        claims += [_spectra.dcgan(images, label, these) for label in trained]
    middles = {label: _spectra.middle(result) for label, result in spectra.items()}
    spreads = {label: _spectra.spread(result) for label, result in spectra.items()}
    notes = [
        "DCGAN, JS is trained with the usual non-saturating loss; its fixed point is that of the "
        "Jensen-Shannon divergence. DCGAN, untrained has its first weights (a learning rate of "
        "1e-9), and batch normalization has settled on the statistics of its features.",
        NOTE,
        *drawn.notes(spectra),
    ]
    mnist = {k.removesuffix(", MNIST"): m for k, m in middles.items() if k.endswith(", MNIST")}
    return Rendered(
        claims,
        drawn.table(spectra),
        drawn.figure(spectra),
        notes,
        {"log10_median": middles, "decades": spreads},
        "median on MNIST: " + "; ".join(f"{k} 10^{number(m, 1)}" for k, m in mnist.items()),
    )

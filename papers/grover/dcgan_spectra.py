"""In words: spectra of DCGAN, Wasserstein and Jensen-Shannon (section 5.1, appendix D)."""

from papers.artefact import Rendered
from papers.finished_run import FinishedRun
from papers.grover import _spectra
from tfflowgan.report import jacobian as drawn

PUBLISHED = (
    "DCGAN generators with as many latents as pixels: on MNIST, singular values are shifted to "
    "lower magnitudes under both divergences too; on CIFAR-10 they have a large spread."
)
IMAGES = "mnist and cifar10"
RUNS = {
    f"{label}, {images}": runs[label]
    for images, runs in (("MNIST", _spectra.MNIST), ("CIFAR-10", _spectra.CIFAR10))
    for label in ("MLE", "DCGAN, Wasserstein", "DCGAN, JS")
}
NEEDS = {label: _spectra.needs(64 if label.endswith("MNIST") else 4) for label in RUNS}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Medians and spreads compared with those of maximum likelihood."""
    spectra = _spectra.results(runs)
    claims = []
    for label, result in spectra.items():
        if label.startswith("DCGAN"):
            images = label.rsplit(", ", 1)[1]
            claim = _spectra.shifted if images == "MNIST" else _spectra.wider
            claims.append(claim(label, result, spectra[f"MLE, {images}"]))
    middles = {label: _spectra.middle(result) for label, result in spectra.items()}
    numbers = {
        "log10_median": middles,
        "decades": {label: _spectra.spread(r) for label, r in spectra.items()},
    }
    notes = [
        "DCGAN, JS is trained with the usual non-saturating loss; its fixed point is that of the "
        "Jensen-Shannon divergence.",
        *drawn.notes(spectra),
    ]
    return Rendered(claims, drawn.table(spectra), drawn.figure(spectra), notes, numbers)

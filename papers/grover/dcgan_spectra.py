"""In words: the spectra of DCGAN generators, under Wasserstein and under Jensen-Shannon (section 5.1, appendix D)."""

from papers.artefact import Rendered
from papers.grover import _spectra
from tfflowgan.report import jacobian as drawn

PUBLISHED = (
    "DCGAN generators with as many latents as pixels: on MNIST the relative shift of singular values to lower magnitudes is "
    "apparent under both divergences too; on CIFAR-10 theirs have a large spread."
)
IMAGES = "mnist and cifar10"
RUNS = {f"{label}, {images}": runs[label] for images, runs in (("MNIST", _spectra.MNIST), ("CIFAR-10", _spectra.CIFAR10))
        for label in ("MLE", "DCGAN, Wasserstein", "DCGAN, JS")}  # fmt: skip
NEEDS = {label: _spectra.needs(64 if label.endswith("MNIST") else 4) for label in RUNS}


def render(found):
    """Medians and spreads beside those of maximum likelihood."""
    judged = _spectra.results(found)
    claims = []
    for label, result in judged.items():
        if label.startswith("DCGAN"):
            images = label.rsplit(", ", 1)[1]
            claim = _spectra.shifted if images == "MNIST" else _spectra.wider
            claims.append(claim(label, result, judged[f"MLE, {images}"]))
    middles = {label: _spectra.middle(result) for label, result in judged.items()}
    numbers = {
        "log10_median": middles,
        "decades": {label: _spectra.spread(r) for label, r in judged.items()},
    }
    notes = [
        "DCGAN, JS is trained with the non-saturating loss, as is usual; the fixed point is that of Jensen-Shannon."
    ]
    return Rendered(
        claims, drawn.table(judged), drawn.figure(judged), [*notes, *drawn.notes(judged)], numbers
    )

"""In words: the NLL of the Jensen-Shannon GAN diverges as well (section 3.2)."""

from papers import plots
from papers.artefact import Rendered
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number

PUBLISHED = (
    "Negative log-densities are near-infinite also if a GAN minimizes the Jensen-Shannon "
    "divergence; the problem is not specific to WGAN."
)
IMAGES = "celeb_a"
_MLE = "NVP1, MLE"
RUNS = {
    "NVP1, JS": "faces_nvp1_js",  # minimax, so that the generator minimizes this divergence
    "NVP1, JS, non-saturating": "faces_nvp1_js_non_saturating",
    "NVP1, WGAN": "faces_nvp1_wgan",
    _MLE: "faces_nvp1_mle",
}
NEEDS = {label: [_densities.LIKELIHOOD, _critics.NEED] for label in RUNS}
_ORDERS = 800.0  # bits/dim, a hundred times those of a uniform density


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Bits/dim during training. The claim about the non-saturating loss is ours."""
    figure, (axis,) = plots.panels(1, width=7)
    lines = {label: (run, "validation_nll") for label, run in runs.items() if label != _MLE}
    plots.curves(axis, lines, "bits/dim, validation", in_bits=True)
    claims, medians = [], {}
    for label in [label for label in runs if "JS" in label]:
        run = runs[label]
        training = _critics.training({label: run}, {label: runs[_MLE]})
        values = [plots.bits(run, v) for v in run.curve("validation_nll")[1]]
        medians[label] = _densities.median(run, "validation")
        text = (
            f"median {_densities.listed(medians[label])}, by likelihood "
            f"{_densities.listed(_densities.median(runs[_MLE], 'validation'))}; means during "
            f"training: first {values[0]:.4g}, greatest {max(values):.4g}, last {values[-1]:.4g} "
            "bits/dim"
        )
        claims.append(
            training.claim(
                f"{label}: the density gets worse by orders of magnitude (half of the images over "
                f"{_ORDERS:g} bits/dim)",
                {label: _densities.far_worse(run, _ORDERS)},
                text,
                paper=label == "NVP1, JS",
            )
        )
    notes = ["The picture has means of the monitored images; claims are by medians.", _critics.OPEN]
    table = _densities.rows(runs, ("train", "validation"))
    middles = ", ".join(f"{k} {number(median['value'], 1)}" for k, median in medians.items())
    headline = f"median bits/dim of validation images: {middles}"
    return Rendered(claims, table, figure, notes, {"median": medians}, headline)

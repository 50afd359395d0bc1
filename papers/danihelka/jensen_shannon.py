"""In words: the NLL of the Jensen-Shannon GAN diverges as well (section 3.2)."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim
from papers.danihelka import _curves
from papers.finished_run import FinishedRun

PUBLISHED = (
    "Negative log-densities are near-infinite also if a GAN minimizes the Jensen-Shannon "
    "divergence; the problem is not specific to WGAN."
)
IMAGES = "celeb_a"
RUNS = {
    "NVP1, JS": "faces_nvp1_js",  # minimax, so that the generator minimizes this divergence
    "NVP1, JS, non-saturating": "faces_nvp1_js_non_saturating",
    "NVP1, WGAN": "faces_nvp1_wgan",
}
NEEDS = []
_ORDERS = 800.0  # bits/dim, a hundred times those of a uniform density


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Bits/dim during training. The claims about the non-saturating loss are ours."""
    figure, (axis,) = plots.panels(1, width=7)
    plots.curves(
        axis,
        {label: (run, "validation_nll") for label, run in runs.items()},
        "bits/dim, validation",
        in_bits=True,
    )
    claims, numbers = [], {}
    for label in [label for label in runs if "JS" in label]:
        run = runs[label]
        values = [plots.bits(run, v) for v in run.curve("validation_nll")[1]]
        text = (
            f"first reading {values[0]:.4g}, greatest {max(values):.4g}, last {values[-1]:.4g} "
            "bits/dim"
        )
        start = run.config["init_from"]
        origin = f", starting from the good one of {start.split('/')[-1]}" if start else ""
        statement = (
            f"{label}: the density gets far worse than the uniform one (over {_curves.FAR:g} "
            f"bits/dim){origin}"
        )
        paper = label == "NVP1, JS"
        claims.append(Claim(statement, values[-1] > _curves.FAR, text, paper=paper))
        claims.append(
            Claim(
                f"{label}: it gets worse by orders of magnitude (over {_ORDERS:g} bits/dim)",
                values[-1] > _ORDERS,
                text,
                paper=paper,
            )
        )
        numbers[label] = values
    return Rendered(claims, figure=figure, numbers={"validation": numbers})

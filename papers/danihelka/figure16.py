"""Figure 16: bits/dim of NVP1 trained with WGAN and maximum likelihood together, or with one."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim
from papers.finished_run import FinishedRun

PUBLISHED = (
    "CelebA: the density with both objectives together is not much worse than with maximum "
    "likelihood alone."
)
IMAGES = "celeb_a"
RUNS = {
    "MLE": "faces_nvp1_mle",
    "MLE + WGAN": "faces_nvp1_combined",
    "MLE, one epoch more": "faces_nvp1_mle_longer",
    "WGAN": "faces_nvp1_wgan",
}
NEEDS = []


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves, and their final values."""
    figure, (every, apart) = plots.panels(2, width=5)
    last = {label: plots.bits(run, run.last("validation_nll")) for label, run in runs.items()}
    for axis, left_out in ((every, ()), (apart, ("WGAN",))):
        lines = {
            label: (run, "validation_nll") for label, run in runs.items() if label not in left_out
        }
        plots.curves(axis, lines, "bits/dim, validation", in_bits=True)
    apart.set_title("without WGAN", fontsize="medium")
    text = plots.order(last, 3)
    claims = [
        Claim(
            "both together are within half a bit/dim of likelihood alone",
            last["MLE + WGAN"] - last["MLE"] < 0.5,
            text,
        ),
        Claim(
            "both together are better than WGAN alone",
            last["MLE + WGAN"] < last["WGAN"],
            text,
            paper=False,
        ),
    ]
    return Rendered(claims, figure=figure, numbers={"validation": last})

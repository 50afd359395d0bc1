"""Figure 16: bits/dim of NVP1 trained with WGAN and maximum likelihood together, or with one."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import beyond
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun, claim_mean
from tfflowgan.report.format import interval, number
from tfflowgan.statistics import median_difference

PUBLISHED = (
    "CelebA: the density with both objectives together is not much worse than with maximum "
    "likelihood alone."
)
IMAGES = "celeb_a"
RUNS = {
    "MLE": "faces_nvp1_mle",
    "MLE + WGAN": "faces_nvp1_combined",
    "MLE, as many steps more": "faces_nvp1_mle_longer",
    "WGAN": "faces_nvp1_wgan",
}
NEEDS = {
    label: [_densities.LIKELIHOOD] + ([] if "more" in label else [_critics.NEED]) for label in RUNS
}
_NOT_MUCH = 0.5  # bits/dim


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves, and the densities of validation images at the last weights."""
    figure, (every, apart) = plots.panels(2, width=5)
    for axis, left_out in ((every, ()), (apart, ("WGAN",))):
        lines = {
            label: (run, "validation_nll") for label, run in runs.items() if label not in left_out
        }
        plots.curves(axis, lines, "bits/dim, validation", in_bits=True)
    apart.set_title("without WGAN", fontsize="medium")
    bits = {label: _densities.bits(run, "validation") for label, run in runs.items()}
    both, alone, wgan = (bits[label] for label in ("MLE + WGAN", "MLE", "WGAN"))
    worse = claim_mean(both - alone)
    much = beyond(worse, _NOT_MUCH)
    better = median_difference(wgan, both, seed=0)
    of_both, of_wgan = (
        _critics.training({label: runs[label]}, {label: runs["MLE"]})
        for label in ("MLE + WGAN", "WGAN")
    )
    claims = [
        of_both.claim(
            "both together are within half a bit/dim of likelihood alone",
            {"MLE + WGAN": None if much is None else not much},
            f"{worse['value']:+.3f} +- {worse['standard_error']:.3f} bits/dim, image by image",
        ),
        of_wgan.claim(
            "both together are better than WGAN alone",
            {"WGAN": beyond(better)},
            f"by {number(better['value'], 3)} bits/dim ({interval(better, 3)}), medians",
            paper=False,
        ),
    ]
    notes = [
        "The picture has means of the monitored images; claims are by single validation images at "
        "the last weights.",
        _critics.OPEN,
    ]
    table = _densities.rows(runs, ("train", "validation"))
    numbers = {"together_minus_likelihood": worse, "wgan_minus_together": better}
    headline = f"both - MLE {worse['value']:+.2f} bits/dim"
    return Rendered(claims, table, figure, notes, numbers, headline)

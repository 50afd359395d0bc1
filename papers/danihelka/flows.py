"""Ours: WGAN of the paper's flow, through a logit, and of a denser flow."""

import math

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun

PUBLISHED = (
    "The paper has neither a logit nor normalization nor mixing of channels. Its findings about "
    "densities should not depend on that."
)
IMAGES = "celeb_a"
_FLOWS = {  # label -> end of the recipes' names
    "NVP1": ("nvp1", ""),
    "NVP1 with a logit": ("nvp1", "_logit"),
    "NVP3": ("nvp3", ""),
    "NVP3 with logit, layer normalization and mixing": ("nvp3", "_better"),
}
RUNS = {
    f"{flow}, {kind}": f"faces_{name}_{kind.lower()}{end}"
    for flow, (name, end) in _FLOWS.items()
    for kind in ("MLE", "WGAN")
}
NEEDS = [_densities.LIKELIHOOD, _critics.NEED]
_ORDERS = 2.0  # of magnitude


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Densities and distances of each flow under both objectives."""
    flows = [flow for flow in _FLOWS if f"{flow}, WGAN" in runs]
    claims = []
    for flow in flows:
        by_wgan, by_likelihood = ({flow: runs[f"{flow}, {kind}"]} for kind in ("WGAN", "MLE"))
        trained, reason = _critics.untrained(by_wgan, by_likelihood)
        median = _densities.listed(_densities.median(by_wgan[flow], "validation"))
        claims.append(
            Claim(
                f"{flow}: under WGAN, half of the images have over {_densities.FAR:g} bits/dim",
                _critics.judged({flow: _densities.far_worse(by_wgan[flow])}, trained),
                f"median {median}{reason}",
                paper=False,
                same_as=None if _FLOWS[flow][1] else "danihelka/figure5",
            )
        )
    if {"NVP1, WGAN", "NVP1 with a logit, WGAN"} <= runs.keys():
        claims.append(_harm(runs))
    header, lines = _densities.rows(runs, ("train", "validation", "own_samples"))
    distances = {label: _critics.said(_critics.distance(run)) for label, run in runs.items()}
    lines = [[*line, distances[line[0]]] for line in lines]
    rows = [
        [(label, runs[label].samples()) for label in runs if label.startswith(f"{flow}, ")]
        for flow in flows
    ]
    return Rendered(
        claims,
        ([*header, "distance of test images"], lines),
        plots.pictures(rows),
        ["Densities and distances are those of the last weights.", _critics.OPEN],
    )


def _harm(runs):
    """The claim that a logit alone makes densities worse by orders of magnitude.

    By means: single images with clipped pixels, whose latents the flat ends of the sigmoid send to
    infinity, are what the logit changes.
    """
    means = {
        label: float(_densities.bits(runs[f"{label}, WGAN"], "validation").mean())
        for label in ("NVP1", "NVP1 with a logit")
    }
    plain, logit = means.values()
    orders = math.log10(logit) - math.log10(plain) if min(plain, logit) > 0 else math.nan
    holds = None if math.isnan(orders) else orders > _ORDERS
    return Claim(
        f"a logit alone makes the mean under WGAN worse by over {_ORDERS:g} orders of magnitude",
        holds,
        plots.order(means, 4) + " bits/dim",
        paper=False,
    )

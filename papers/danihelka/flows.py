"""Ours: WGAN of the paper's flow, through a logit, and of a denser flow."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number
from tfflowgan.statistics import Quantile, quantile_with_interval

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
_SHARE, _TIMES = 0.9, 100.0


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Densities and distances of each flow under both objectives."""
    flows = [flow for flow in _FLOWS if f"{flow}, WGAN" in runs]
    claims = []
    for flow in flows:
        by_wgan, by_likelihood = ({flow: runs[f"{flow}, {kind}"]} for kind in ("WGAN", "MLE"))
        training = _critics.training(by_wgan, by_likelihood)
        median = _densities.listed(_densities.median(by_wgan[flow], "validation"))
        claims.append(
            training.claim(
                f"{flow}: under WGAN, half of the images have over {_densities.FAR:g} bits/dim",
                {flow: _densities.far_worse(by_wgan[flow])},
                f"median {median}",
                paper=False,
                same_as=None if _FLOWS[flow][1] else "danihelka/figure5",
            )
        )
    if {"NVP1", "NVP1 with a logit"} <= {*flows}:
        claims.append(_harm(runs))
    header, lines = _densities.rows(runs, ("train", "validation", "own_samples"))
    distances = {label: _critics.said(_critics.distance(run)) for label, run in runs.items()}
    lines = [[*line, distances[line[0]]] for line in lines]
    rows = [
        [(label, runs[label].samples()) for label in runs if label.startswith(f"{flow}, ")]
        for flow in flows
    ]
    medians = ", ".join(
        f"{flow} {number(_densities.median(runs[f'{flow}, WGAN'], 'validation')['value'], 1)}"
        for flow in flows
    )
    return Rendered(
        claims,
        ([*header, "distance of test images"], lines),
        plots.pictures(rows),
        ["Densities and distances are those of the last weights.", _critics.OPEN],
        headline=f"median bits/dim under WGAN: {medians}",
    )


def _harm(runs):
    """The claim that a logit alone makes densities worse by orders of magnitude.

    By the images that are hit most: what the logit changes are clipped pixels, whose latents the
    flat ends of the sigmoid send to infinity. Open unless both have trained.
    """
    flows = ("NVP1", "NVP1 with a logit")
    by_wgan, by_likelihood = (
        {flow: runs[f"{flow}, {kind}"] for flow in flows} for kind in ("WGAN", "MLE")
    )
    training = _critics.training(by_wgan, by_likelihood)
    plain, logit = (
        quantile_with_interval(_densities.bits(by_wgan[flow], "validation"), _SHARE)
        for flow in flows
    )
    worse = _over(logit, plain, _TIMES) if all(training.done.values()) else None
    text = f"{_densities.listed(plain)} and, with a logit, {_densities.listed(logit)} bits/dim"
    return Claim(
        f"a logit alone makes the density under WGAN over {_TIMES:g} times worse for the worst "
        f"tenth of the images ({100 * _SHARE:g} % quantiles of bits/dim)",
        worse,
        text + training.reason(worse),
        paper=False,
    )


def _over(one: Quantile, other: Quantile, times: float) -> bool | None:
    """Whether a quantile is over so many times another one, intervals included."""
    (low, high), (least, most) = one["interval"], other["interval"]
    if low is not None and most is not None and most > 0.0 and low > times * most:
        return True
    if high is not None and least is not None and least > 0.0 and high < times * least:
        return False
    return None

"""In words: WGAN works better than Jensen-Shannon or -log D (section 1)."""

from papers import plots
from papers.artefact import Rendered
from papers.danihelka import _critics, _densities, _samples
from papers.finished_run import FinishedRun

PUBLISHED = (
    "WGAN worked better than other GAN methods, the Jensen-Shannon divergence or -log D. The paper "
    "does not say by what measure; here it is the distance of test images."
)
IMAGES = "celeb_a"
_WGAN, _MLE = "NVP1, WGAN", "NVP1, MLE"
RUNS = {
    _MLE: "faces_nvp1_mle",
    _WGAN: "faces_nvp1_wgan",
    "NVP1, JS": "faces_nvp1_js",
    "NVP1, JS, non-saturating": "faces_nvp1_js_non_saturating",  # -log D
}
NEEDS = [_densities.LIKELIHOOD, _critics.NEED]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Samples of each run, and how far they are from test images."""
    training = _critics.training({_WGAN: runs[_WGAN]}, {_WGAN: runs[_MLE]})
    claims = []
    for label in [label for label in runs if "JS" in label]:
        claim = _samples.nearer(runs, _WGAN, label, True)
        claims.append(training.claim(claim.statement, {_WGAN: claim.holds}, claim.ours))
    header, lines = _densities.rows(runs, ("validation", "own_samples"))
    distances = {label: _critics.said(_critics.distance(run)) for label, run in runs.items()}
    lines = [[*line, distances[line[0]]] for line in lines]
    figure = plots.pictures([[(label, run.samples()) for label, run in runs.items()]])
    table = [*header, "distance of test images"], lines
    notes = [
        f"Densities are those of the last weights. {_critics.note(next(iter(runs.values())))}",
        _critics.OPEN,
    ]
    headline = f"distance of test images: {_critics.listed(runs)}"
    return Rendered(claims, table, figure, notes, {"trained": training.done}, headline)

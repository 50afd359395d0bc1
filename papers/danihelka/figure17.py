"""Figure 17: rank of the generator's Jacobian, NVP3 trained with maximum likelihood or WGAN."""

from papers.artefact import Evaluation, Rendered
from papers.claims import above
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
from papers.log_dets import mean_log_det
from tfflowgan.report import jacobian as drawn
from tfflowgan.report.format import value

PUBLISHED = (
    "CelebA: the Jacobian of the WGAN generator has a low rank; its samples lie on a "
    "low-dimensional manifold."
)
IMAGES = "celeb_a"
RUNS = {"MLE": "faces_nvp3_mle", "WGAN": "faces_nvp3_wgan"}
_DRAWS = {"laptop": {"jacobian_draws": 2}}
NEEDS = {
    "MLE": [
        Evaluation("jacobian", "nll", "float64", _DRAWS),
        Evaluation("likelihood", "nll", "float64", _densities.FEW),
        _critics.NEED,
    ],
    "WGAN": [
        Evaluation("jacobian", "last", "float64", _DRAWS),
        _densities.LIKELIHOOD,
        _critics.NEED,
    ],
}
# Below the greatest singular value; in place of a rank, which is nearly always full in float64.
_DECADES = 2.0


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Singular values, the fraction that is not small compared with the greatest, and log-dets."""
    results = {label: run.result(*NEEDS[label][0].key) for label, run in runs.items()}
    shares = {label: _share(result) for label, result in results.items()}
    text = ", ".join(f"{label} {100 * share:.0f} %" for label, share in shares.items())
    low = shares["WGAN"] < 0.5 * shares["MLE"]
    statement = (
        "low rank: under WGAN, less than half as many singular values as under MLE exceed 1 % of "
        "the draws' greatest"
    )
    training = _critics.training({"WGAN": runs["WGAN"]}, {"WGAN": runs["MLE"]})
    claims = [training.claim(statement, {"WGAN": low}, text)]
    headline = f"singular values over 1 % of the greatest: {text}"
    likelihoods = {label: run.result(*NEEDS[label][1].key) for label, run in runs.items()}
    dets = {label: mean_log_det(result) for label, result in likelihoods.items()}
    text = ", ".join(f"{label} {value(det)} nats" for label, det in dets.items())
    lower = {"WGAN": above(dets["MLE"], dets["WGAN"])}
    statement = "under WGAN the log-determinant is lower"
    claims.append(training.claim(statement, lower, text, paper=False))
    numbers = {"share_above_1_percent_of_greatest": shares, "mean_log_det": dets}
    notes = [
        *drawn.notes(results),
        "The shares are of the singular values of all draws together and have no error.",
        _critics.OPEN,
    ]
    table, figure = drawn.table(results), drawn.figure(results)
    return Rendered(claims, table, figure, notes, numbers, headline)


def _share(result):
    values = result["log10_singular_values"]["values"]
    return sum(v > values[-1] - _DECADES for v in values) / len(values)

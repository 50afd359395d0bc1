"""Figure 17: rank of the generator's Jacobian, NVP3 trained with maximum likelihood or WGAN."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
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
    trained, reason = _critics.untrained({"WGAN": runs["WGAN"]}, {"WGAN": runs["MLE"]})
    claims = [Claim(statement, _critics.judged({"WGAN": low}, trained), text + reason)]
    likelihoods = {label: run.result(*NEEDS[label][1].key) for label, run in runs.items()}
    # The density of own samples is the prior's divided by the determinant, so that both have the
    # same standard error.
    dets = {
        label: r["own_samples"]["nll"] | {"value": r["identity"]["mean_log_det"]}
        for label, r in likelihoods.items()
    }
    text = ", ".join(f"{label} {value(det)} nats" for label, det in dets.items())
    claims.append(
        Claim(
            "under WGAN the log-determinant is lower",
            _critics.judged({"WGAN": above(dets["MLE"], dets["WGAN"])}, trained),
            text + reason,
            paper=False,
        )
    )
    numbers = {"share_above_1_percent_of_greatest": shares, "mean_log_det": dets}
    notes = [*drawn.notes(results), _critics.OPEN]
    return Rendered(claims, drawn.table(results), drawn.figure(results), notes, numbers)


def _share(result):
    values = result["log10_singular_values"]["values"]
    return sum(v > values[-1] - _DECADES for v in values) / len(values)

"""Figure 17: rank of the generator's Jacobian, NVP3 trained with maximum likelihood or WGAN."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
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
_FEW = {"laptop": {"limit": 2000}}
NEEDS = {
    "MLE": [
        Evaluation("jacobian", "nll", "float64", _DRAWS),
        Evaluation("likelihood", "nll", "float64", _FEW),
    ],
    "WGAN": [
        Evaluation("jacobian", "last", "float64", _DRAWS),
        Evaluation("likelihood", "last", "float64", _FEW),
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
    claims = [Claim(statement, low, text)]
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
            above(dets["MLE"], dets["WGAN"]),
            text,
            paper=False,
        )
    )
    numbers = {"share_above_1_percent_of_greatest": shares, "mean_log_det": dets}
    return Rendered(
        claims, drawn.table(results), drawn.figure(results), drawn.notes(results), numbers
    )


def _share(result):
    values = result["log10_singular_values"]["values"]
    return sum(v > values[-1] - _DECADES for v in values) / len(values)

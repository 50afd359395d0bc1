"""Figure 17: rank of the generator's Jacobian, NVP3 by maximum likelihood and by WGAN."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above
from tfflowgan.report import jacobian as drawn
from tfflowgan.report.format import value

PUBLISHED = "CelebA: the Jacobian of the WGAN generator has a low rank; its samples lie on a low-dimensional manifold."
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
_DECADES = 2.0  # below the greatest singular value; in place of a rank, which is nearly always full in float64


def render(found):
    """Singular values, how many of them are not small beside the greatest, and the log-determinants."""
    results = {label: run.result(*NEEDS[label][0].key) for label, run in found.items()}
    shares = {label: _share(result) for label, result in results.items()}
    text = ", ".join(f"{label} {100 * share:.0f} %" for label, share in shares.items())
    low = shares["WGAN"] < 0.5 * shares["MLE"]
    statement = "low rank: under WGAN less than half as many singular values are above 1 % of the draws' greatest as under MLE"
    claims = [Claim(statement, low, text)]
    likelihoods = {label: run.result(*NEEDS[label][1].key) for label, run in found.items()}
    # own samples have the prior's density divided by the determinant: their log-density varies as it does
    dets = {
        label: r["own_samples"]["nll"] | {"value": r["identity"]["mean_log_det"]}
        for label, r in likelihoods.items()
    }
    text = ", ".join(f"{label} {value(det)} nats" for label, det in dets.items())
    claims.append(
        Claim(
            "and its log-determinant is lower", above(dets["MLE"], dets["WGAN"]), text, paper=False
        )
    )
    numbers = {"share_above_1_percent_of_greatest": shares, "mean_log_det": dets}
    return Rendered(
        claims, drawn.table(results), drawn.figure(results), drawn.notes(results), numbers
    )


def _share(result):
    values = result["log10_singular_values"]["values"]
    return sum(v > values[-1] - _DECADES for v in values) / len(values)

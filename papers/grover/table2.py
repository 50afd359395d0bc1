"""Table 2: best Inception scores and test NLLs of Flow-GAN models on CIFAR-10."""

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, above, exactly
from papers.finished_run import FinishedRun
from papers.grover import _scores
from tfflowgan.report.format import number

PUBLISHED = (
    "Real NVP on CIFAR-10: in both columns the hybrid (weight 1) lies between maximum likelihood, "
    "which has the best density, and the adversary, which has the best samples. The score is the "
    "highest Inception score during training. The NLL is in bits/dim, as the table and section 3.3 "
    "say and the published code computes it (8 + NLL / (D ln 2)). The weight multiplies nats per "
    "image: the paper does not say so, but the published code adds the two losses in this way."
)
IMAGES = "cifar10"
RUNS = {
    "MLE": "cifar10_real_nvp_mle",
    "ADV": "cifar10_real_nvp_adv",
    "ADV, from MLE": "cifar10_real_nvp_adv_from_mle",
    "hybrid": "cifar10_real_nvp_hybrid",
    "MLE, as much more": "cifar10_real_nvp_mle_longer",
}
SEEDS = True
NEEDS = _scores.NEEDS
_TABLE = {"MLE": (2.92, 3.54), "ADV": (5.76, 8.53), "hybrid": (3.90, 4.21)}
_ERRORS = 5.0  # standard errors by which the hybrid's score is to be higher
_BITS = 0.1  # bits/dim that its density may cost


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The table, what we ask of a hybrid, and samples of all runs for the eye."""
    rendered = _scores.render(runs, _TABLE, "inception_score", in_bits=True)
    rendered.claims += asked_of_a_hybrid(runs["hybrid"], runs["MLE"])
    samples = [
        (label, run.picture(("sample_scores", "score", None), "samples"))
        for label, run in runs.items()
    ]
    rendered.figure = plots.pictures([samples[:3], samples[3:]] if len(samples) > 3 else [samples])
    rendered.notes.append(
        "The picture: samples of the weights with the best Inception score. Whether the hybrid's "
        "are more than noise is for the eye."
    )
    return rendered


def asked_of_a_hybrid(hybrid: FinishedRun, mle: FinishedRun) -> list[Claim]:
    """Claims of ours: far better samples at nearly the same density, by one set of weights.

    The hybrid's weights are those with the best score. The density is compared with that of the
    best validated weights of maximum likelihood.
    """
    better, base = (_scores.score(run, "inception_score") for run in (hybrid, mle))
    texts = [
        f"{number(mean['value'], 3)} +- {number(mean['standard_error'], 3)}"
        for mean in (better, base)
    ]
    far = above(better, base, _ERRORS)
    known = above(better, base, 0.0) is not None
    claims = [
        Claim(
            f"the hybrid's score is above MLE's by {_ERRORS:g} standard errors",
            far is True if known else None,
            f"hybrid {texts[0]}, MLE {texts[1]}",
            paper=False,
        )
    ]
    fids = [run.result("sample_scores", "score")["samples"]["fid"] for run in (hybrid, mle)]
    claims.append(
        Claim(
            "the hybrid's FID is lower than MLE's (an FID has no standard error)",
            None if None in fids else fids[0] < fids[1],
            f"hybrid {number(fids[0])}, MLE {number(fids[1])}",
            paper=False,
        )
    )
    apart = hybrid.nll_above(mle, "score", other_select="nll")
    cost, error = (plots.bits(hybrid, apart[name]) - 8.0 for name in ("value", "standard_error"))
    within = above(exactly(_BITS), {"value": cost, "standard_error": error})
    claims.append(
        Claim(
            f"with the same weights its test NLL is within {_BITS:g} bits/dim of MLE's best",
            within,
            f"hybrid - MLE: {cost:+.3f} +- {error:.3f} bits/dim",
            paper=False,
        )
    )
    return claims

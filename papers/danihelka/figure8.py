"""Figure 8: reconstructions from the first or second half of the latents, MLE and WGAN."""

import math

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from tfflowgan.report import reconstruction as drawn
from tfflowgan.report.format import number
from tfflowgan.statistics import known_value

PUBLISHED = (
    "Under maximum likelihood partial reconstructions resemble generated samples. Under WGAN they "
    "do not, which again shows that images and samples differ in their latents."
)
IMAGES = "celeb_a"
RUNS = {"MLE": "faces_nvp3_mle", "WGAN": "faces_nvp3_wgan"}
_NEAR, _FAR = 0.25, 1.0  # nats per dimension
_FEW = {"laptop": {"limit": 2000}}
NEEDS = {
    "MLE": [Evaluation("reconstruction", "nll"), Evaluation("likelihood", "nll", "float64", _FEW)],
    "WGAN": [
        Evaluation("reconstruction", "last", "float64"),
        Evaluation("likelihood", "last", "float64", _FEW),
    ],
}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The pictures, and the log-density of reconstructions compared with that of samples."""
    keys = {label: [evaluation.key for evaluation in NEEDS[label]] for label in runs}
    caption = "originals, first half kept, second half kept"
    rows = [
        [(f"{label}: {caption}", run.picture(keys[label][0], "grid"))]
        for label, run in runs.items()
    ]
    results = {label: run.result(*keys[label][0]) for label, run in runs.items()}
    claims, numbers = [], {}
    for label, run in runs.items():
        # by the inverse, like those of the reconstructions
        nll = run.result(*keys[label][1])["identity"]["own_samples_nll"]
        own = -math.inf if nll is None else -nll
        means = {part["keep"]: part["log_prob"] for part in results[label]["keep"]}
        means = {keep: exactly(-math.inf) if m["value"] is None else m for keep, m in means.items()}
        parts = {keep: known_value(mean) for keep, mean in means.items()}
        share = {keep: (own - log_prob) / run.dims for keep, log_prob in parts.items()}
        numbers[label] = {"own_samples_log_prob": own, "log_prob": means}
        text = (
            ", ".join(f"{keep} half {number(parts[keep])}" for keep in parts)
            + f"; own samples {number(own)} nats"
        )
        if label == "MLE":
            near = max(map(abs, share.values())) < _NEAR
            claims.append(Claim("MLE: reconstructions are about as likely as samples", near, text))
        else:
            # the mean over ten images may be dominated by one or two
            far = all_hold([above(exactly(own - _FAR * run.dims), mean) for mean in means.values()])
            listed = ", ".join(number(mean["standard_error"] or 0.0) for mean in means.values())
            text += f", standard errors {listed}"
            claims.append(
                Claim("WGAN: reconstructions are far less likely than samples", far, text)
            )
    notes = [
        f"About as likely: within {_NEAR:g} nats per dimension; far less: by more than {_FAR:g}. "
        "All log-densities are computed with the inverse.",
        *drawn.notes(results),
    ]
    return Rendered(claims, drawn.table(results), plots.pictures(rows, side=7.0), notes, numbers)

"""In words: mean log-determinants, and their order ADV < hybrid < MLE (section 5.1, appendix D)."""

import itertools

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from papers.grover import _spectra
from papers.log_dets import mean_log_det
from papers.trained import NOTE, resting, untrained
from tfflowgan.report.format import number, value
from tfflowgan.statistics import known_value

PUBLISHED = (
    "MNIST: MLE -4170.34, hybrid -5184.40, ADV -15588.34 nats; CIFAR-10: -12818.84, -14729.51, "
    "-21848.09. The adversary compresses the prior into a small volume."
)
IMAGES = "mnist and cifar10"
_PUBLISHED = {
    "MNIST": (-4170.34, -5184.40, -15588.34),
    "CIFAR-10": (-12818.84, -14729.51, -21848.09),
}
_OBJECTIVES = ("MLE", "hybrid", "ADV")  # in the paper's order, from the top
RUNS = {
    f"{label}, {images}": runs[label]
    for images, runs in (("MNIST", _spectra.MNIST), ("CIFAR-10", _spectra.CIFAR10))
    for label in _OBJECTIVES
}
NEEDS = [Evaluation("likelihood", "score")]


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The table, and the ranking by log-determinants at the same latents."""
    header = ["images", "objective", "published (nats)", "here (nats)", "draws"]
    rows, claims, numbers = [], [], {}
    for images, published in _PUBLISHED.items():
        these = {o: runs[f"{o}, {images}"] for o in _OBJECTIVES if f"{o}, {images}" in runs}
        results = {objective: run.result("likelihood", "score") for objective, run in these.items()}
        dets = {objective: mean_log_det(result) for objective, result in results.items()}
        means = {objective: known_value(det) for objective, det in dets.items()}
        for objective, theirs in zip(_OBJECTIVES, published, strict=True):
            if objective in these:
                count = f"{results[objective]['own_samples']['count']:,}"
                ours = value(dets[objective])
                rows.append([images, objective, number(theirs), ours, count])
        if not these:
            continue
        apart = {
            (a, b): these[a].nll_above(these[b], "score", "own_samples")
            for a, b in itertools.pairwise(these)
        }
        holds = all_hold([above(difference, exactly(0.0)) for difference in apart.values()])
        text = ", ".join(
            f"{a} - {b} {m['value']:+.1f} +- {m['standard_error']:.1f}"
            for (a, b), m in apart.items()
        )
        statement = f"{images}: mean log-determinants: {' < '.join(reversed(these))}"
        claim = Claim(statement, holds, f"{plots.order(means)}; {text}")
        reason = untrained("ADV", these["ADV"], these.get("MLE")) if "ADV" in these else None
        claims.append(resting(claim, reason))
        numbers[images] = means
    notes = [
        "At the weights with the best scores. For every flow E NLL(own samples) = H(prior) + "
        "E log |det dG/dz|. At the same latents, NLLs and log-determinants therefore have the same "
        "differences, so these are taken from the NLLs of own samples, latent by latent.",
        NOTE,
    ]
    headline = "; ".join(f"{images} {plots.order(means, 0)}" for images, means in numbers.items())
    return Rendered(
        claims, (header, rows), notes=notes, numbers=numbers, headline=f"nats: {headline}"
    )

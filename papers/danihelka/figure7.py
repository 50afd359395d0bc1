"""Figure 7: two latents of validation images under NVP3 trained with MLE and with WGAN."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report import latents as drawn
from tfflowgan.report.format import number

PUBLISHED = (
    "Under maximum likelihood the two latents have means 0.05, 0.05 and standard deviations 1.06, "
    "1.03, like the prior; under WGAN means 0.02, 1.62 and standard deviations 3.95, 8.96."
)
IMAGES = "celeb_a"
_NEAR, _WIDE = 0.3, 2.0
RUNS = {"MLE": "faces_nvp3_mle", "WGAN": "faces_nvp3_wgan"}
NEEDS = {
    "MLE": [Evaluation("latents", "nll"), _critics.NEED],
    "WGAN": [Evaluation("latents", "last", "float64"), _critics.NEED],
}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Histograms, and standard deviations of all latents."""
    results = {label: run.result(*NEEDS[label][0].key) for label, run in runs.items()}
    claims, numbers = [], {}
    for label, result in results.items():
        two, own = (_first_two(result[name]) for name in ("images", "own_samples"))
        deviation = result["images"]["test"]["deviation"]
        middle = deviation[len(deviation) // 2]
        means, deviations = (", ".join(map(number, values)) for values in zip(*two, strict=True))
        text = f"means {means}, deviations {deviations}; median of all {number(middle)}"
        if label == "MLE":
            near = all(abs(d - 1.0) < _NEAR and abs(m) < _NEAR for m, d in two)
            statement = (
                "under maximum likelihood the two latents are like the prior (means 0, standard "
                f"deviations 1, within {_NEAR:g})"
            )
            claims.append(Claim(statement, near, text))
        else:
            wide = all(d > _WIDE for _, d in two)
            if wide and not all(d > _WIDE * o for (_, d), (_, o) in zip(two, own, strict=True)):
                wide = None  # the inverse alone may cause it
            text += f"; own samples' deviations {', '.join(number(o) for _, o in own)}"
            statement = (
                "under WGAN the two latents are at least twice as wide as the prior, and as those "
                "of own samples by the same inverse"
            )
            training = _critics.training({label: runs[label]}, {label: runs["MLE"]})
            claims.append(training.claim(statement, {label: wide}, text))
        numbers[label] = {"mean_and_deviation": two, "median_deviation": middle}
    notes = [*drawn.notes(results), _critics.OPEN]
    wide = "; ".join(
        f"{label} {', '.join(number(d) for _, d in found['mean_and_deviation'])}"
        for label, found in numbers.items()
    )
    table, figure = drawn.table(results), drawn.figure(results)
    headline = f"standard deviations of the two latents: {wide}"
    return Rendered(claims, table, figure, notes, numbers, headline)


def _first_two(population):
    latents = population["latents"][:2]
    return [(entry["mean"]["value"], entry["deviation"]["value"]) for entry in latents]

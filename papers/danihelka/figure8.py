"""Figure 8: reconstructions from the first or second half of the latents, MLE and WGAN."""

import numpy as np

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, all_hold, beyond, within
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report import reconstruction as drawn
from tfflowgan.report.format import interval, number
from tfflowgan.statistics import Mean, median_difference

PUBLISHED = (
    "Under maximum likelihood partial reconstructions resemble generated samples. Under WGAN they "
    "do not, which again shows that images and samples differ in their latents."
)
IMAGES = "celeb_a"
RUNS = {"MLE": "faces_nvp3_mle", "WGAN": "faces_nvp3_wgan"}
_NEAR, _FAR = 0.25, 1.0  # nats per dimension
_SAMPLES = "0"  # keeps no latents
_KEEP = {"keep": f"first,second,{_SAMPLES}"}
_MANY = {
    "smoke": _KEEP | {"reconstructions": 6},
    "laptop": _KEEP | {"reconstructions": 300},
    "paper": _KEEP | {"reconstructions": 300},
}
NEEDS = {
    "MLE": [Evaluation("reconstruction", "nll", None, _MANY), _critics.NEED],
    "WGAN": [Evaluation("reconstruction", "last", "float64", _MANY), _critics.NEED],
}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The pictures, and the log-density of reconstructions compared with that of samples."""
    keys = {label: NEEDS[label][0].key for label in runs}
    caption = "originals, first half kept, second half kept, samples"
    rows = [
        [(f"{label}: {caption}", run.picture(keys[label], "grid"))] for label, run in runs.items()
    ]
    results = {label: run.result(*keys[label]) for label, run in runs.items()}
    claims, numbers = [], {}
    for label, run in runs.items():
        arrays = run.arrays(*keys[label])
        less = {
            keep: _less(arrays[_SAMPLES], values, run.dims)
            for keep, values in arrays.items()
            if keep != _SAMPLES
        }
        numbers[label] = {"below_samples_per_dimension": less}
        text = ", ".join(
            f"{keep} half {number(one['value'])} ({interval(one)})" for keep, one in less.items()
        )
        text = f"medians below that of samples by {text} nats per dimension"
        if label == "MLE":
            near = all_hold([within(one, _NEAR) for one in less.values()])
            claims.append(Claim("MLE: reconstructions are about as likely as samples", near, text))
        else:
            far = all_hold([beyond(one, _FAR) for one in less.values()])
            training = _critics.training({label: run}, {label: runs["MLE"]})
            statement = "WGAN: reconstructions are far less likely than samples"
            claims.append(training.claim(statement, {label: far}, text))
    notes = [
        f"About as likely: medians within {_NEAR:g} nats per dimension; far less: below by more "
        f"than {_FAR:g}; 95 % intervals included, by the bootstrap. Means would be those of one or "
        "two images. Samples, the last row of a picture, keep no latents; their log-densities are "
        "computed with the same inverse.",
        *drawn.notes(results),
        _critics.OPEN,
    ]
    halves = {label: found["below_samples_per_dimension"] for label, found in numbers.items()}
    less = "; ".join(
        f"{label} {', '.join(number(one['value']) for one in both.values())}"
        for label, both in halves.items()
    )
    table, figure = drawn.table(results), plots.pictures(rows, side=7.0)
    headline = f"nats per dimension below samples: {less}"
    return Rendered(claims, table, figure, notes, numbers, headline)


def _less(samples, reconstructions, dims) -> Mean:
    """How far the median log-density of reconstructions is below that of samples, per dimension.

    What is not finite has density 0: the least number stands for it.
    """
    least = -1e300
    samples, reconstructions = (
        np.where(np.isfinite(values), values, least) / dims for values in (samples, reconstructions)
    )
    return median_difference(samples, reconstructions, seed=0)

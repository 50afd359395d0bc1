"""Figure 6: histogram of the NLLs of validation images under NVP3 trained with WGAN."""

import numpy as np
from matplotlib.figure import Figure

from papers.artefact import Rendered
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
from tfflowgan.report.format import interval, number

PUBLISHED = (
    "All 19,867 validation images of CelebA have low densities: the bad average is not due to one "
    "outlier. The training images' histogram is similar."
)
IMAGES = "celeb_a"
RUNS = {"NVP3, WGAN": "faces_nvp3_wgan", "NVP3, MLE": "faces_nvp3_mle"}
NEEDS = {"NVP3, WGAN": [_densities.LIKELIHOOD, _critics.NEED], "NVP3, MLE": [_critics.NEED]}
_UNIFORM = 8.0  # bits/dim
_WIDE = 1000.0
_BINS = 50


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The histogram, in bits/dim; the run by likelihood says whether WGAN has trained."""
    label = "NVP3, WGAN"
    run = runs[label]
    training = _critics.training({label: run}, {label: runs["NVP3, MLE"]})
    bits = {part: _densities.bits(run, part) for part in ("validation", "train")}
    edges = _edges(np.concatenate([*bits.values()]))
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axis = figure.subplots()
    for part, values in bits.items():
        axis.stairs(np.histogram(values, edges)[0] / len(values), edges, label=f"{part} images")
    axis.axvline(_UNIFORM, color="black", linestyle=":", label="a uniform density")
    if edges[-1] > _WIDE and edges[0] > 0.0:
        axis.set_xscale("log")
    axis.set(xlabel="bits/dim", ylabel="fraction of images")
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    least, median, mean = (
        {p: float(f(v)) for p, v in bits.items()} for f in (np.min, np.median, np.mean)
    )
    below = {part: int((values > _UNIFORM).sum()) for part, values in bits.items()}

    def claim(statement, holds, text, **options):
        return training.claim(statement, {label: holds}, text, **options)

    low = []
    for part, values in bits.items():
        text = f"{below[part]:,} of {len(values):,}, the best has {least[part]:.4g} bits/dim"
        statement = f"all {part} images have densities below the uniform one"
        low.append(claim(statement, least[part] > _UNIFORM, text, paper=part == "validation"))
    middle = _densities.median(run, "validation")
    single = claim(
        "the bad average is not due to one outlier: half of the images have at least twice the "
        "bits/dim of a uniform density",
        _densities.far_worse(run),
        f"median {_densities.listed(middle)}, mean {mean['validation']:.4g} bits/dim",
        same_as="danihelka/figure5",
    )
    apart = _densities.apart(run)
    text = (
        f"distributions {number(apart['value'], 3)} apart "
        f"({interval(apart, 3)}, Kolmogorov-Smirnov); "
        f"medians {median['validation']:.4g} and {median['train']:.4g}"
    )
    alike = claim("the training images' histogram is similar", _densities.overlap(apart), text)
    numbers = {
        "least": least,
        "median": median,
        "mean": mean,
        "below_uniform": below,
        "kolmogorov_smirnov": apart,
    }
    notes = [
        f"Similar: cumulative distributions differ by less than {_densities.ALIKE:g} everywhere, "
        "interval included.",
        _critics.OPEN,
    ]
    table = _densities.rows({label: run}, ("train", "validation"))
    share = f"{below['validation']:,} of {len(bits['validation']):,}"
    headline = f"{share} validation images are below a uniform density"
    return Rendered([low[0], single, alike, low[1]], table, figure, notes, numbers, headline)


def _edges(values):
    """The edges of the bins, with a constant ratio if the values have a wide range."""
    least, greatest = float(values.min()), float(values.max())
    if greatest > _WIDE and least > 0.0:
        return np.geomspace(least, greatest, _BINS + 1)
    return np.linspace(least, greatest, _BINS + 1)

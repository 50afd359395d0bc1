"""Figure 6: histogram of the NLLs of validation images under NVP3 trained with WGAN."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim
from papers.danihelka import _curves
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number

PUBLISHED = (
    "All 19,867 validation images of CelebA have low densities: the bad average is not due to one "
    "outlier. The training images' histogram is similar."
)
IMAGES = "celeb_a"
RUNS = {"NVP3, WGAN": "faces_nvp3_wgan"}
NEEDS = [Evaluation("likelihood", "last", "float64", {"laptop": {"limit": 2000}})]
_UNIFORM = 8.0  # bits/dim
_WIDE = 1000.0
_BINS = 50
_ALIKE = 0.1  # greatest difference of two cumulative distributions that are alike


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """The histogram, in bits/dim."""
    (run,) = runs.values()
    arrays = run.arrays(*NEEDS[0].key)
    greatest = np.finfo(np.float32).max  # in place of infinity, where float32 overflowed
    bits = {
        part: plots.bits(run, np.minimum(arrays[part].astype(float), greatest))
        for part in ("validation", "train")
    }
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
    low = []
    for part, values in bits.items():
        text = f"{below[part]:,} of {len(values):,}, the best has {least[part]:.4g} bits/dim"
        statement = f"all {part} images have densities below the uniform one"
        low.append(Claim(statement, least[part] > _UNIFORM, text, paper=part == "validation"))
    text = f"median {median['validation']:.4g}, mean {mean['validation']:.4g} bits/dim"
    single = Claim(
        "the bad average is not due to one outlier: half of the images have at least twice the "
        "bits/dim of a uniform density",
        median["validation"] > _curves.FAR,
        text,
    )
    tested: Any = stats.ks_2samp(*bits.values())  # SciPy has no types
    apart = float(tested.statistic)
    text = (
        f"distributions at most {number(apart, 3)} apart (Kolmogorov-Smirnov); medians "
        f"{median['validation']:.4g} and {median['train']:.4g}"
    )
    alike = Claim("the training images' histogram is similar", apart < _ALIKE, text)
    numbers = {
        "least": least,
        "median": median,
        "mean": mean,
        "below_uniform": below,
        "kolmogorov_smirnov": apart,
    }
    return Rendered([low[0], single, alike, low[1]], figure=figure, numbers=numbers)


def _edges(values):
    """The edges of the bins, with a constant ratio if the values have a wide range."""
    least, greatest = float(values.min()), float(values.max())
    if greatest > _WIDE and least > 0.0:
        return np.geomspace(least, greatest, _BINS + 1)
    return np.linspace(least, greatest, _BINS + 1)

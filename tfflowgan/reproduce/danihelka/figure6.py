"""Figure 6: histogram of the NLLs of validation images under NVP3 trained by WGAN."""

import numpy as np
from matplotlib.figure import Figure

from tfflowgan.reproduce import drawing
from tfflowgan.reproduce.artefact import Claim, Evaluation, Rendered
from tfflowgan.reproduce.danihelka import _curves

PUBLISHED = (
    "All 19,867 validation images of CelebA have low densities: the bad average is not one outlier's; the training images' "
    "histogram is alike."
)
IMAGES = "celeb_a"
RUNS = {"NVP3, WGAN": "faces_nvp3_wgan"}
NEEDS = [Evaluation("likelihood", "last", "float64", {"laptop": {"limit": 2000}})]
_UNIFORM = 8.0  # bits/dim
_WIDE = 1000.0
_BINS = 50


def render(found):
    """The histogram, in bits/dim."""
    (run,) = found.values()
    arrays, greatest = run.arrays(*NEEDS[0].key), np.finfo(np.float32).max  # in the place of what float32 does not hold
    bits = {part: drawing.bits(run, np.minimum(arrays[part].astype(float), greatest)) for part in ("validation", "train")}
    edges = _edges(np.concatenate([*bits.values()]))
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axis = figure.subplots()
    for part, values in bits.items():
        axis.stairs(np.histogram(values, edges)[0] / len(values), edges, label=f"{part} images")
    axis.axvline(_UNIFORM, color="black", linestyle=":", label="a uniform density")
    if edges[-1] > _WIDE and edges[0] > 0.0:
        axis.set_xscale("log")
    axis.set(xlabel="bits/dim", ylabel="share of images")
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    claims, numbers = [], {}
    for part, statement in (("validation", "all validation images have densities far below a uniform one"),
                            ("train", "and all training images")):  # fmt: skip
        values = bits[part]
        least, median, share = float(values.min()), float(np.median(values)), float((values > _UNIFORM).mean())
        text = f"the best of {len(values):,} has {least:.4g} bits/dim, the median is {median:.4g}"
        text += f", {100 * share:.1f} % are below a uniform density"
        claims.append(Claim(statement, least > _curves.FAR, text))
        numbers[part] = {"least": least, "median": median, "share_below_uniform": share}
    return Rendered(claims, figure=figure, numbers=numbers)


def _edges(values):
    """Of bins, in steps of equal ratio where the values are wide."""
    least, greatest = float(values.min()), float(values.max())
    if greatest > _WIDE and least > 0.0:
        return np.geomspace(least, greatest, _BINS + 1)
    return np.linspace(least, greatest, _BINS + 1)

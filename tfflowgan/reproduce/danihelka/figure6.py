"""Figure 6: histogram of the NLLs of validation images under NVP3 trained by WGAN."""

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


def render(found):
    """The histogram, in bits/dim."""
    (run,) = found.values()
    result = run.result("likelihood", "last", "float64")
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axis = figure.subplots()
    least = {}
    for part in ("validation", "train"):
        histogram = result["histogram"][part]
        edges = [drawing.bits(run, edge) for edge in histogram["edges"]]
        axis.stairs([c / sum(histogram["counts"]) for c in histogram["counts"]], edges, label=f"{part} images")
        least[part] = drawing.bits(run, float(run.arrays(*NEEDS[0].key)[part].min()))
    axis.axvline(8.0, color="black", linestyle=":", label="a uniform density")
    if edges[-1] > 1000:
        axis.set_xscale("symlog", linthresh=10)
    axis.set(xlabel="bits/dim", ylabel="share of images")
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    count = result["validation"]["count"]
    mean = result["validation"]["bits_per_dim"]
    text = f"the best of {count:,} validation images has {least['validation']:.4g} bits/dim, the mean is {mean:.4g}"
    claims = [Claim("all validation images have densities far below a uniform one", least["validation"] > _curves.FAR, text)]
    text = f"the best of {result['train']['count']:,} has {least['train']:.4g} bits/dim"
    claims.append(Claim("and all training images", least["train"] > _curves.FAR, text))
    return Rendered(claims, figure=figure, numbers={"best_bits_per_dim": least, "mean": mean})

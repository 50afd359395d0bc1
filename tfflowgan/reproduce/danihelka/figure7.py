"""Figure 7: two latents of validation images under NVP3 trained by maximum likelihood and by WGAN."""

from tfflowgan.report import latents as drawn
from tfflowgan.report._format import number
from tfflowgan.reproduce.artefact import Claim, Evaluation, Rendered

PUBLISHED = (
    "Under maximum likelihood the two latents have means 0.05, 0.05 and deviations 1.06, 1.03, like the prior; under WGAN "
    "means 0.02, 1.62 and deviations 3.95, 8.96."
)
IMAGES = "celeb_a"
RUNS = {"MLE": "faces_nvp3_mle", "WGAN": "faces_nvp3_wgan"}
NEEDS = {"MLE": [Evaluation("latents", "nll")], "WGAN": [Evaluation("latents", "last", "float64")]}


def render(found):
    """Histograms, and deviations of all latents."""
    results = {label: run.result(*NEEDS[label][0].key) for label, run in found.items()}
    claims, numbers = [], {}
    for label, result in results.items():
        two = [(entry["mean"], entry["deviation"]) for entry in result["images"]["latents"][:2]]
        deviation = result["images"]["test"]["deviation"]
        middle = deviation[len(deviation) // 2]
        means, deviations = (", ".join(map(number, values)) for values in zip(*two, strict=True))
        text = f"means {means}, deviations {deviations}; median of all {number(middle)}"
        if label == "MLE":
            near = all(abs(d - 1.0) < 0.3 and abs(m) < 0.3 for m, d in two)
            claims.append(Claim("under maximum likelihood the latents of images are like the prior", near, text))
        else:
            wide = all(d > 2.0 for _, d in two)
            claims.append(Claim("under WGAN the two are at least twice as wide as the prior", wide, text))
        numbers[label] = {"mean_and_deviation": two, "median_deviation": middle}
    return Rendered(claims, drawn.table(results), drawn.figure(results), drawn.notes(results), numbers)

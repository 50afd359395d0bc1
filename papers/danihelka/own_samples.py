"""In words: own samples of WGAN have negative bits/dim (section 3.2)."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim
from papers.danihelka import _curves
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number, value

PUBLISHED = (
    "NVP3 trained with WGAN has -1.12 bits/dim for its own samples (not a typo: the density is "
    "above 1) and far more than 8 for validation images; with maximum likelihood 4.35 and 4.27."
)
IMAGES = "celeb_a"
RUNS = {"NVP3, MLE": "faces_nvp3_mle", "NVP3, WGAN": "faces_nvp3_wgan"}
_FEW = {"laptop": {"limit": 2000}}
NEEDS = {
    "NVP3, MLE": [Evaluation("likelihood", "nll", "float64", _FEW)],
    "NVP3, WGAN": [Evaluation("likelihood", "last", "float64", _FEW)],
}
_PUBLISHED = {"NVP3, MLE": ("4.35", "4.27"), "NVP3, WGAN": ("-1.12", "far above 8")}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Own samples compared with validation images."""
    header = [
        "run",
        "own samples (bits/dim), published",
        "here",
        "validation images, published",
        "here",
    ]
    header.append("own NLL - E log-det - H(prior) (nats)")
    rows, own, images = [], {}, {}
    for label, run in runs.items():
        result = run.result(*NEEDS[label][0].key)
        bits = {part: result[part]["bits_per_dim"] for part in ("own_samples", "validation")}
        own[label], images[label] = (mean["value"] for mean in bits.values())
        theirs = _PUBLISHED.get(label, ("-", "-"))
        cells = [value(mean, 3) for mean in bits.values()]
        rows.append(
            [
                label,
                theirs[0],
                cells[0],
                theirs[1],
                cells[1],
                number(result["identity"]["difference"]["value"]),
            ]
        )
    claims = []
    for label in runs:
        text = (
            f"own samples {number(own[label], 3)}, validation images {images[label]:.4g} bits/dim"
        )
        if label.endswith("MLE"):
            near = abs(own[label] - images[label]) < 0.5
            claims.append(Claim(f"{label}: own samples are about as likely as images", near, text))
        else:
            claims.append(
                Claim(f"{label}: own samples have negative bits/dim", own[label] < 0, text)
            )
            claims.append(
                Claim(
                    f"{label}: images have far more than 8 bits/dim (over 16)",
                    images[label] > _curves.FAR,
                    text,
                )
            )
    notes = [
        "The NLL of own samples is from the pass that draws them, which needs no inverse. The last "
        "column uses the inverse pass; it is 0 up to sampling error if float64 recovers the "
        "latents that were drawn.",
    ]
    return Rendered(
        claims, (header, rows), notes=notes, numbers={"own_samples": own, "validation": images}
    )

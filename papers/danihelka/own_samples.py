"""In words: own samples of WGAN have negative bits/dim (section 3.2)."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, all_hold, beyond, within
from papers.danihelka import _critics, _densities
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number, value
from tfflowgan.statistics import median_difference

PUBLISHED = (
    "NVP3 trained with WGAN has -1.12 bits/dim for its own samples (not a typo: the density is "
    "above 1) and far more than 8 for validation images; with maximum likelihood 4.35 and 4.27."
)
IMAGES = "celeb_a"
RUNS = {"NVP3, MLE": "faces_nvp3_mle", "NVP3, WGAN": "faces_nvp3_wgan"}
_NEEDS = {
    "NVP3, MLE": Evaluation("likelihood", "nll", "float64", _densities.FEW),
    "NVP3, WGAN": _densities.LIKELIHOOD,
}
NEEDS = {label: [need, _critics.NEED] for label, need in _NEEDS.items()}
_PUBLISHED = {"NVP3, MLE": ("4.35", "4.27"), "NVP3, WGAN": ("-1.12", "far above 8")}
_PARTS = ("own_samples", "validation")
_NEAR = 0.5  # bits/dim


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Own samples compared with validation images."""
    header = ["run"]
    for what in ("own samples", "validation images"):
        header += [f"{what} (bits/dim), published", "here, mean", "median (95 % interval)"]
    header.append("own NLL - E log-det - H(prior) (nats)")
    rows, claims, numbers = [], [], {}
    for label, run in runs.items():
        need = _NEEDS[label]
        result = run.result(*need.key)
        medians = {part: _densities.median(run, part, need) for part in _PARTS}
        means = {part: result[part]["bits_per_dim"] for part in _PARTS}
        numbers[label] = {"mean": means, "median": medians}
        theirs = _PUBLISHED[label]
        row = [label]
        for part, published in zip(_PARTS, theirs, strict=True):
            row += [published, value(means[part], 3), _densities.listed(medians[part])]
        rows.append([*row, number(result["identity"]["difference"]["value"])])
        text = (
            f"medians: own samples {_densities.listed(medians['own_samples'])}, validation images "
            f"{_densities.listed(medians['validation'])} bits/dim"
        )
        if label.endswith("MLE"):
            samples, images = (_densities.bits(run, part, need) for part in _PARTS)
            near = within(median_difference(samples, images, seed=0), _NEAR)
            claims.append(
                Claim(
                    f"{label}: own samples are about as likely as images (medians within "
                    f"{_NEAR:g} bits/dim)",
                    near,
                    text,
                )
            )
        else:
            claims += _of_wgan(runs, label, means["own_samples"], medians, text)
    notes = [
        "The NLL of own samples is from the pass that draws them, which needs no inverse. The last "
        "column uses the inverse pass; it is 0 up to sampling error if float64 recovers the "
        "latents that were drawn.",
        _critics.OPEN,
    ]
    middles = "; ".join(
        f"{label} {', '.join(number(found['median'][part]['value']) for part in _PARTS)}"
        for label, found in numbers.items()
    )
    headline = f"median bits/dim of own samples, then images: {middles}"
    return Rendered(claims, (header, rows), notes=notes, numbers=numbers, headline=headline)


def _of_wgan(runs, label, mean, medians, text):
    training = _critics.training({label: runs[label]}, {label: runs["NVP3, MLE"]})
    above = [beyond(mean), beyond(medians["own_samples"])]
    negative = all_hold([None if one is None else not one for one in above])
    far = beyond(medians["validation"], _densities.FAR)
    return [
        training.claim(
            f"{label}: own samples have negative bits/dim, in mean and median",
            {label: negative},
            f"mean {value(mean, 3)}; {text}",
        ),
        training.claim(
            f"{label}: images have far more than 8 bits/dim (half of them over 16)",
            {label: far},
            text,
            same_as="danihelka/figure5",
        ),
    ]

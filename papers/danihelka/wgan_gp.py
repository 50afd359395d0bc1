"""In words: conclusions are similar for WGAN-GP, and its samples better (caption of Figure 2)."""

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import above
from papers.danihelka import _critics, _densities, _samples
from papers.finished_run import FinishedRun
from papers.log_dets import mean_log_det
from tfflowgan.report.format import interval, number, value

PUBLISHED = (
    "Samples would look better with the improved training of WGAN-GP; the other conclusions are "
    "similar: images get densities far below the uniform one, in training as in validation, and "
    "latents of another distribution than the prior."
)
IMAGES = "celeb_a"
_LEVELS = (1, 3)
RUNS = {
    f"NVP{level}, {kind}": f"faces_nvp{level}_{recipe}"
    for level in _LEVELS
    for kind, recipe in (("MLE", "mle"), ("WGAN", "wgan"), ("WGAN-GP", "wgan_gp"))
}
_LATENTS = Evaluation("latents", "last", "float64")
NEEDS = {
    label: [_densities.LIKELIHOOD, _critics.NEED] + ([_LATENTS] if "GP" in label else [])
    for label in RUNS
}
_WIDE = 2.0  # standard deviations of the prior


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Samples of each run, distances, densities and latents."""
    depths = [f"NVP{level}" for level in _LEVELS if f"NVP{level}, WGAN-GP" in runs]
    by_gp = {depth: runs[f"{depth}, WGAN-GP"] for depth in depths}
    by_likelihood = {depth: runs[f"{depth}, MLE"] for depth in depths}
    training = _critics.training(by_gp, by_likelihood)
    claims = []
    for depth in depths:
        if f"{depth}, WGAN" in runs:
            paper = depth == "NVP3"  # as in figure 2
            claim = _samples.nearer(runs, f"{depth}, WGAN-GP", f"{depth}, WGAN", paper)
            claims.append(
                training.claim(claim.statement, {depth: claim.holds}, claim.ours, paper=paper)
            )
        claims.append(_samples.of_likelihood(runs, f"{depth}, WGAN-GP", f"{depth}, MLE"))
    claims.append(_far(by_gp, training))
    claims.append(_alike(by_gp, training))
    claims.append(_wide(by_gp, training))
    claims.append(_flat(by_gp, by_likelihood, training))
    rows = [
        [(label, runs[label].samples()) for label in RUNS if label in runs and depth in label]
        for depth in depths
    ]
    notes = [
        f"Densities are those of the last weights. {_critics.note(next(iter(runs.values())))}",
        _critics.OPEN,
    ]
    header, lines = _densities.rows(runs, ("train", "validation", "own_samples"))
    distances = {label: _critics.said(_critics.distance(run)) for label, run in runs.items()}
    lines = [[*line, distances[line[0]]] for line in lines]
    table = [*header, "distance of test images"], lines
    headline = f"distance of test images: {_critics.listed(runs)}"
    numbers = {"trained": training.done}
    return Rendered(claims, table, plots.pictures(rows), notes, numbers, headline)


def _far(runs, training):
    holds = {label: _densities.far_worse(run) for label, run in runs.items()}
    text = ", ".join(
        f"{label} {_densities.listed(_densities.median(run, 'validation'))}"
        for label, run in runs.items()
    )
    return training.claim(
        "WGAN-GP: the density is far worse than a uniform one (half of the images over 16 "
        "bits/dim)",
        holds,
        f"medians {text}",
    )


def _alike(runs, training):
    apart = {label: _densities.apart(run) for label, run in runs.items()}
    holds = {label: _densities.overlap(distance) for label, distance in apart.items()}
    text = ", ".join(
        f"{label} {number(d['value'], 3)} ({interval(d, 3)})" for label, d in apart.items()
    )
    return training.claim(
        "WGAN-GP: the training images' histogram is similar to that of validation images",
        holds,
        f"distributions apart by {text}",
    )


def _wide(runs, training):
    """The claim of figure 7: latents wider than the prior, and than by the inverse alone."""
    holds, texts = {}, []
    for label, run in runs.items():
        result = run.result(*_LATENTS.key)
        images, own = (
            [entry["deviation"]["value"] for entry in result[name]["latents"][:2]]
            for name in ("images", "own_samples")
        )
        wide = all(d > _WIDE for d in images)
        if wide and not all(d > _WIDE * o for d, o in zip(images, own, strict=True)):
            wide = None  # the inverse alone may cause it
        holds[label] = wide
        deviations = ", ".join(map(number, images))
        texts.append(f"{label} {deviations}, own samples {', '.join(map(number, own))}")
    return training.claim(
        "WGAN-GP: the two latents are at least twice as wide as the prior, and as those of own "
        "samples by the same inverse",
        holds,
        f"standard deviations {'; '.join(texts)}",
    )


def _flat(by_gp, by_likelihood, training):
    """The claim that the log-determinant is lower: ours, as the rank takes long to find."""

    def det(run):
        return mean_log_det(run.result(*_densities.LIKELIHOOD.key))

    pairs = {label: (det(by_likelihood[label]), det(run)) for label, run in by_gp.items()}
    holds = {label: above(*pair) for label, pair in pairs.items()}
    text = ", ".join(f"{k} {value(gp)} against {value(mle)}" for k, (mle, gp) in pairs.items())
    return training.claim(
        "WGAN-GP: the log-determinant is lower than under maximum likelihood",
        holds,
        f"{text} nats",
        paper=False,
    )

"""In words: mean log-determinants, and their order ADV < hybrid < MLE (section 5.1, appendix D).

E NLL(own samples) = H(prior) + E log |det dG/dz| holds for every flow, so the order is also that of densities at own samples.
"""

from tfflowgan.report._format import number, value
from tfflowgan.reproduce.artefact import Claim, Rendered
from tfflowgan.reproduce.grover import _spectra

PUBLISHED = (
    "MNIST: MLE -4170.34, hybrid -5184.40, ADV -15588.34 nats; CIFAR-10: -12818.84, -14729.51, -21848.09. The adversary "
    "squeezes the prior into a small volume."
)
IMAGES = "mnist and cifar10"
_PUBLISHED = {"MNIST": (-4170.34, -5184.40, -15588.34), "CIFAR-10": (-12818.84, -14729.51, -21848.09)}
_OBJECTIVES = ("MLE", "hybrid", "ADV")
RUNS = {f"{label}, {images}": runs[label] for images, runs in (("MNIST", _spectra.MNIST), ("CIFAR-10", _spectra.CIFAR10))
        for label in _OBJECTIVES}  # fmt: skip
NEEDS = {label: _spectra.needs(64 if label.endswith("MNIST") else 4) for label in RUNS}


def render(found):
    """The table, and the order."""
    judged = _spectra.results(found)
    header = ["images", "objective", "published (nats)", "here (nats)", "draws"]
    rows, claims, numbers = [], [], {}
    for images, published in _PUBLISHED.items():
        these = {o: judged[f"{o}, {images}"] for o in _OBJECTIVES if f"{o}, {images}" in judged}
        for objective, theirs in zip(_OBJECTIVES, published, strict=True):
            if objective in these:
                own = these[objective]["own_log_det"]
                ours = value(own["mean"], own["standard_error"])
                rows.append([images, objective, number(theirs), ours, str(these[objective]["draws"])])
        if not these:
            continue
        claim = _spectra.ordered(these)
        claims.append(Claim(f"{images}: {claim.statement}", claim.holds, claim.ours))
        numbers[images] = _spectra.log_dets(these)
    return Rendered(claims, (header, rows), numbers=numbers)

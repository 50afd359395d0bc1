"""Figures 4 and 8, and the claims about them: singular values of the generators' Jacobians."""

import dataclasses

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim
from papers.finished_run import FinishedRun
from papers.trained import NOTE, resting, untrained
from tfflowgan.report import jacobian as drawn
from tfflowgan.report.format import number

__all__ = [
    "CIFAR10",
    "MNIST",
    "TRAINED",
    "dcgan",
    "middle",
    "needs",
    "render",
    "results",
    "spread",
]

MNIST = {
    "MLE": "mnist_nice_mle",
    "ADV": "mnist_nice_adv",
    "hybrid": "mnist_nice_hybrid",
    "DCGAN, Wasserstein": "mnist_dcgan_wasserstein",
    "DCGAN, JS": "mnist_dcgan_js",
    "DCGAN, untrained": "mnist_dcgan_untrained",
}
CIFAR10 = {
    label: run.replace("mnist_nice", "cifar10_real_nvp").replace("mnist_", "cifar10_")
    for label, run in MNIST.items()
}
TRAINED = ("DCGAN, Wasserstein", "DCGAN, JS")
_FLOWS = ("MLE", "ADV", "hybrid")
_MARGIN = 0.1  # decades


def needs(draws: int) -> list[Evaluation]:
    """Jacobians in float64 of the weights with the best scores; the draws are those on a laptop."""
    return [Evaluation("jacobian", "score", "float64", {"laptop": {"jacobian_draws": draws}})]


def results(by_label: dict[str, FinishedRun]) -> dict[str, dict]:
    """The Jacobian evaluation of each run."""
    return {label: run.result("jacobian", "score", "float64") for label, run in by_label.items()}


def spread(result: dict) -> float:
    """Decades between the 5 % and the 95 % quantile of the singular values."""
    quantiles = dict(
        zip(
            result["log10_singular_values"]["levels"],
            result["log10_singular_values"]["values"],
            strict=True,
        )
    )
    low, high = (min(quantiles, key=lambda level: abs(level - target)) for target in (0.05, 0.95))
    return quantiles[high] - quantiles[low]


def dcgan(images: str, label: str, runs: dict[str, FinishedRun]) -> Claim:
    """The paper's claim about the spectrum of a DCGAN.

    It holds if the spectrum differs from that of maximum likelihood and, in the same direction,
    from that of the DCGAN before training. Else training has not brought the difference about, and
    the claim is open; so it is if the DCGAN has not trained.

    Args:
      images: "MNIST", where the paper finds lower singular values, or "CIFAR-10", where it finds a
        larger spread.
      label: of the DCGAN in `runs`.
      runs: by label, with "MLE" and "DCGAN, untrained".
    """
    claim = _by_training(images, label, results(runs))
    return resting(claim, untrained(label, runs[label], runs["MLE"]))


def _by_training(images, label, spectra):
    """The claim, for a DCGAN that has trained."""
    compared = _shifted if images == "MNIST" else _wider
    claim = compared(f"{label}, {images}", spectra[label], spectra["MLE"])
    new = spectra.get("DCGAN, untrained")
    if claim.holds is not True:
        return claim
    if new is None:
        text = f"{claim.ours}; there is no untrained DCGAN to compare with"
        return dataclasses.replace(claim, holds=None, ours=text)
    by_training = compared(label, spectra[label], new)
    before = f"10^{number(middle(new))}" if images == "MNIST" else number(spread(new))
    text = f"{claim.ours}; untrained {before}"
    if by_training.holds is not True:
        text += ", so this comes from the architecture"
    return dataclasses.replace(claim, holds=by_training.holds or None, ours=text)


def _shifted(label, result, other):
    """The claim that singular values are shifted to lower magnitudes, by their medians."""
    text = f"median 10^{number(middle(result))} against 10^{number(middle(other))}"
    lower = _clearly(middle(other) - middle(result))
    return Claim(f"{label}: singular values lie below those of maximum likelihood", lower, text)


def _wider(label, result, other):
    """The claim that singular values are spread over more decades."""
    text = (
        f"{number(spread(result))} against {number(spread(other))} decades from the 5 % to the "
        "95 % quantile"
    )
    statement = f"the singular values of {label} are spread more widely than those of MLE"
    return Claim(statement, _clearly(spread(result) - spread(other)), text)


def _clearly(decades):
    """Whether a difference is positive; None if it is too small to be meaningful."""
    return None if abs(decades) < _MARGIN else decades > 0


def middle(result: dict) -> float:
    """The median of the singular values, log10."""
    values = result["log10_singular_values"]["values"]
    return values[len(values) // 2]


def render(by_label: dict[str, FinishedRun], images: str) -> Rendered:
    """The distribution of singular values, with the paper's claims about it.

    Those about DCGANs are counted by `dcgan_spectra`.

    Args:
      by_label: the runs by label.
      images: "MNIST" or "CIFAR-10".
    """
    spectra = results(by_label)
    widths = {label: spread(result) for label, result in spectra.items()}
    reason = untrained("ADV", by_label["ADV"], by_label["MLE"]) if "ADV" in by_label else None
    claims = []
    if "ADV" in spectra:
        claims.append(resting(_wider("ADV", spectra["ADV"], spectra["MLE"]), reason))
    for label in [label for label in TRAINED if label in spectra]:
        claim = dcgan(images, label, by_label)
        claims.append(dataclasses.replace(claim, same_as="grover/dcgan_spectra"))
    if {"MLE", "ADV", "hybrid"} <= spectra.keys():
        hybrid, adv = (widths[label] - widths["MLE"] for label in ("hybrid", "ADV"))
        # an adversary that is no wider than MLE does not test the claim
        nearer = None if adv < _MARGIN else _clearly(0.5 * adv - hybrid)
        text = ", ".join(f"{label} {number(widths[label])}" for label in ("MLE", "hybrid", "ADV"))
        statement = "the hybrid's spread is near that of MLE, not that of the adversary"
        claims.append(resting(Claim(statement, nearer, f"decades: {text}"), reason))
    flows = ", ".join(f"{label} {number(widths[label])}" for label in widths if label in _FLOWS)
    return Rendered(
        claims,
        drawn.table(spectra),
        drawn.figure(spectra),
        [NOTE, *drawn.notes(spectra)],
        {"decades": widths},
        f"decades of singular values: {flows}",
    )

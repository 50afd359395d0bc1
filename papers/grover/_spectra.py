"""Figures 4 and 8, and the claims about them: singular values of the generators' Jacobians."""

from papers.artefact import Evaluation, Rendered
from papers.claims import Claim
from papers.finished_run import FinishedRun
from tfflowgan.report import jacobian as drawn
from tfflowgan.report.format import number

__all__ = ["CIFAR10", "MNIST", "middle", "needs", "render", "results", "shifted", "spread", "wider"]

MNIST = {
    "MLE": "mnist_nice_mle",
    "ADV": "mnist_nice_adv",
    "hybrid": "mnist_nice_hybrid",
    "DCGAN, Wasserstein": "mnist_dcgan_wasserstein",
    "DCGAN, JS": "mnist_dcgan_js",
}
CIFAR10 = {
    label: run.replace("mnist_nice", "cifar10_real_nvp").replace("mnist_", "cifar10_")
    for label, run in MNIST.items()
}
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


def shifted(label: str, result: dict, other: dict) -> Claim:
    """The claim that singular values are shifted to lower magnitudes, by their medians."""
    text = f"median 10^{number(middle(result))} against 10^{number(middle(other))}"
    lower = _clearly(middle(other) - middle(result))
    return Claim(f"{label}: singular values lie below those of maximum likelihood", lower, text)


def wider(label: str, result: dict, other: dict) -> Claim:
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


def render(
    by_label: dict[str, FinishedRun], wide: tuple[str, ...], lower: tuple[str, ...] = ()
) -> Rendered:
    """The distribution of singular values.

    Args:
      by_label: the runs by label.
      wide: labels whose singular values the paper finds spread more widely than those of MLE.
      lower: labels whose singular values it finds shifted to lower magnitudes.
    """
    spectra = results(by_label)
    widths = {label: spread(result) for label, result in spectra.items()}
    claims = []
    claims += [wider(label, spectra[label], spectra["MLE"]) for label in wide if label in spectra]
    claims += [
        shifted(label, spectra[label], spectra["MLE"]) for label in lower if label in spectra
    ]
    if {"ADV", "hybrid"} <= widths.keys():
        hybrid, adv = abs(widths["hybrid"] - widths["MLE"]), widths["ADV"] - widths["MLE"]
        # an adversary that is no wider than MLE does not test the claim
        nearer = None if adv < _MARGIN else _clearly(0.5 * adv - hybrid)
        text = ", ".join(f"{label} {number(widths[label])}" for label in ("MLE", "hybrid", "ADV"))
        claims.append(
            Claim(
                "the hybrid's spread is near that of MLE, not that of the adversary",
                nearer,
                f"decades: {text}",
            )
        )
    numbers = {"decades": widths}
    return Rendered(
        claims, drawn.table(spectra), drawn.figure(spectra), drawn.notes(spectra), numbers
    )

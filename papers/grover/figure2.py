"""Figure 2: the NLL during maximum likelihood and adversarial training; the adversary's loss."""

import dataclasses

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, rises
from papers.finished_run import FinishedRun
from papers.grover import _signal
from papers.trained import NOTE, resting, untrained

PUBLISHED = (
    "Under maximum likelihood the validation NLL falls quickly, and training and validation NLL "
    "diverge later. Under the adversary both rise together, orders of magnitude higher (CIFAR-10 "
    "on a logarithmic scale), while the WGAN loss settles after a few iterations."
)
IMAGES = "mnist and cifar10"
_SETS = {"MNIST": "mnist_nice", "CIFAR-10": "cifar10_real_nvp"}
RUNS = {f"{o}, {s}": f"{run}_{o.lower()}" for s, run in _SETS.items() for o in ("MLE", "ADV")}
NEEDS = {label: [Evaluation("learning_signal")] for label in RUNS if label.startswith("ADV")}


def render(runs: dict[str, FinishedRun]) -> Rendered:
    """Curves, and the direction of each."""
    figure, axes = plots.panels(len(runs))
    claims, numbers = [], {}
    for axis, (label, run) in zip(axes, runs.items(), strict=True):
        objective, images = label.split(", ")
        bits = images != "MNIST"
        unit = "bits/dim" if bits else "nats"
        lines = {"train": (run, "train_nll"), "validation": (run, "validation_nll")}
        plots.curves(axis, lines, f"NLL ({unit})", in_bits=bits)
        axis.set_title(label, fontsize="medium")
        train, nlls = (run.curve(f"{part}_nll")[1] for part in ("train", "validation"))
        train, nlls = (
            [plots.bits(run, v) if bits else v for v in values] for values in (train, nlls)
        )
        numbers[label] = {
            "first": nlls[0],
            "least": min(nlls),
            "greatest": max(nlls),
            "last": nlls[-1],
            "last_train": train[-1],
        }
        ends = f"training {train[-1]:.5g}, validation {nlls[-1]:.5g} {unit} at the end"
        if objective == "MLE":
            text = f"{nlls[0]:.5g} to {nlls[-1]:.5g} {unit}"
            claims.append(
                Claim(
                    f"{images}: the validation NLL falls under maximum likelihood",
                    nlls[-1] < nlls[0],
                    text,
                )
            )
            parts = nlls[-1] - train[-1] > max(nlls[0] - train[0], 0.0)
            claims.append(
                Claim(f"{images}: the training NLL falls below it over time", parts, ends)
            )
            continue
        right = axis.twinx()
        right.plot(*run.curve("distance"), color="tab:green", linewidth=0.8)
        right.set_ylabel("adversary's distance", color="tab:green")
        reason = untrained(label, run, runs.get(f"MLE, {images}"))
        least = numbers.get(f"MLE, {images}", {}).get("last")
        adversarial = _of_the_adversary(images, run, train, nlls, least)
        claims += [resting(claim, reason) for claim in adversarial]
    notes = [
        "Green: the adversary's distance, E_data f - E_model f, which a critic that tells images "
        "apart makes positive. The published code records this as its training loss, with this "
        "sign. The training NLL is that of the first 1,000 images.",
        NOTE,
    ]
    ends = "; ".join(
        f"{images} {numbers[f'MLE, {images}']['last']:.5g}, then "
        f"{numbers[f'ADV, {images}']['last']:.5g}"
        for images in _SETS
        if {f"MLE, {images}", f"ADV, {images}"} <= numbers.keys()
    )
    headline = f"last validation NLL by MLE, then ADV: {ends}" if ends else ""
    return Rendered(claims, figure=figure, notes=notes, numbers=numbers, headline=headline)


def _of_the_adversary(images, run, train, nlls, mle):
    """The claims about an adversary's run.

    Args:
      images: the images' name.
      run: the run.
      train: NLL of training images over the run, in nats for MNIST, else in bits/dim.
      nlls: that of validation images.
      mle: where maximum likelihood ends; None if it is not there.
    """
    bits = images != "MNIST"
    unit = "bits/dim" if bits else "nats"
    risen = rises([plots.bits(run, v) for v in run.curve("validation_nll")[1]])
    text = f"first {nlls[0]:.5g}, least {min(nlls):.5g}, last {nlls[-1]:.5g} {unit}"
    claims = [Claim(f"{images}: the NLL rises under the adversary", risen, text)]
    same = train[-1] == nlls[-1] or abs(train[-1] - nlls[-1]) < 0.2 * (nlls[-1] - min(nlls))
    together = same if risen else None
    text = f"training {train[-1]:.5g}, validation {nlls[-1]:.5g} {unit} at the end"
    statement = f"{images}: the training NLL rises with it (no overfitting)"
    claims.append(Claim(statement, together, text))
    if mle is not None:
        far = nlls[-1] > 10.0 * mle if bits else nlls[-1] - mle > 1000.0
        text = f"{nlls[-1]:.5g} against {mle:.5g} {unit}"
        much = "over ten times" if bits else "over 1,000 nats"
        statement = f"{images}: it ends far above that of maximum likelihood ({much})"
        claims.append(Claim(statement, far, text))
    signal = _signal.claim(images, run.result("learning_signal"))
    signal = dataclasses.replace(signal, same_as="grover/loss_and_nll")
    return [*claims, _signal.settles(images, run), signal]

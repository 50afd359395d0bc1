"""Figure 18: the exact KL of an encoder and what a discriminator makes of it."""

from tfflowgan.report import avb
from tfflowgan.report._format import number
from tfflowgan.reproduce import drawing
from tfflowgan.reproduce.artefact import Claim, Rendered

PUBLISHED = (
    "In adversarial variational Bayes the discriminator's KL stays far below the exact one: large divergences are not "
    "represented well."
)
IMAGES = "mnist"
RUNS = {"by the exact ELBO": "mnist_avb_by_elbo", "by a discriminator": "mnist_avb_by_discriminator"}
NEEDS = []


def render(found):
    """KL over training, exact and by discriminators; the gaps on test images."""
    runs = [avb.read(run.folder) | {"label": label} for label, run in found.items()]
    figure, axes = drawing.panels(len(runs), width=5)
    claims, numbers = [], {}
    for axis, run in zip(axes, runs, strict=True):
        steps = [row["step"] for row in run["rows"]]
        axis.plot(steps, [row["kl"]["nats"] for row in run["rows"]], ".-", color="black", label="exact")
        for i, name in enumerate(run["rows"][-1]["discriminators"]):
            values = [row["discriminators"][name]["nats"] for row in run["rows"]]
            axis.plot(steps, values, ".-", color=drawing.colour(i), label=f"{name} discriminator")
        axis.set(xlabel="steps", ylabel="KL(q || p), nats per image", title=f"encoder trained {run['label']}")
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
        test = run["end"]["test"]
        joint = test["discriminators"]["joint"]
        text = f"{number(joint['nats'])} against {number(test['kl']['nats'])} nats on test images"
        below = joint["gap"] + 2.0 * (joint["gap_standard_error"] or 0.0) < 0
        claims.append(Claim(f"encoder {run['label']}: the discriminator underestimates the KL", below, text))
        claims.append(_grows(run))
        numbers[run["label"]] = {"exact": test["kl"]["nats"], "gaps": {n: d["gap"] for n, d in test["discriminators"].items()}}
        if "autoregressive" in test["discriminators"]:
            split = test["discriminators"]["autoregressive"]["gap"]
            text = f"gap {number(split)} against {number(joint['gap'])} nats"
            helps = abs(split) < abs(joint["gap"])
            claims.append(Claim(f"encoder {run['label']}: one term a latent (Eq. 11) helps", helps, text))
    return Rendered(claims, avb.table(runs), figure, avb.notes(runs), numbers)


def _grows(run):
    """That large divergences are missed by more: the gap at the greatest and at the least exact KL of training."""
    rows = sorted((row for row in run["rows"] if not row["settles"]), key=lambda row: row["kl"]["nats"])
    (small, large) = ((row["kl"]["nats"], row["discriminators"]["joint"]["gap"]) for row in (rows[0], rows[-1]))
    text = f"off by {number(large[1])} at {number(large[0])} nats, by {number(small[1])} at {number(small[0])}"
    return Claim(f"encoder {run['label']}: the larger the KL, the more is missed", large[1] < small[1], text)

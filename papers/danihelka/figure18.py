"""Figure 18: the exact KL of an encoder and a discriminator's estimate of it."""

import itertools

from papers import plots
from papers.artefact import Rendered
from papers.claims import Claim, above, all_hold, beyond
from papers.finished_run import FinishedRun
from tfflowgan.report import avb
from tfflowgan.report.format import number, value
from tfflowgan.statistics import Mean

PUBLISHED = (
    "In adversarial variational Bayes the discriminator's KL stays far below the exact one: large "
    "divergences are not represented well. The paper does not state the images."
)
IMAGES = "mnist"
_PAPERS = "by a discriminator"
RUNS = {"by the exact ELBO": "mnist_avb_by_elbo", _PAPERS: "mnist_avb_by_discriminator"}
SEEDS = True
NEEDS = []


def render(by_label: dict[str, FinishedRun]) -> Rendered:
    """KL during training, exact and by discriminators; the gaps on test images, for every seed."""
    every = {label: [_read(label, r) for r in [run, *run.seeds]] for label, run in by_label.items()}
    figure, axes = plots.panels(len(every), width=5)
    claims, numbers = [], {}
    for axis, (label, runs) in zip(axes, every.items(), strict=True):
        for i, run in enumerate(runs):
            _draw(axis, run, alpha=0.35 if i else 1.0, named=i == 0)
        axis.set(
            xlabel="steps", ylabel="KL(q || p), nats per image", title=f"encoder trained {label}"
        )
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
        tests = [run["end"]["test"] for run in runs]
        claims.append(
            Claim(
                f"encoder {label}: the discriminator underestimates the KL",
                *_below(tests),
                label == _PAPERS,
            )
        )
        if "autoregressive" in tests[0]["discriminators"]:
            claims.append(
                Claim(
                    f"encoder {label}: one term per latent (Eq. 11) helps",
                    *_split(tests),
                    paper=False,
                )
            )
        gaps = [{name: d["gap"] for name, d in test["discriminators"].items()} for test in tests]
        exact = [{name: test["kl"][name] for name in ("value", "standard_error")} for test in tests]
        numbers[label] = {"exact": exact, "gaps": gaps}
    claims.append(Claim("the larger the KL, the more it is underestimated", *_grows(every)))
    listed = [run for runs in every.values() for run in runs]
    ends = "; ".join(f"{label} {_against(runs[0]['end']['test'])}" for label, runs in every.items())
    notes = [*avb.notes(listed), *_about_seeds(every)]
    headline = f"KL by the discriminator, and exact: {ends} nats"
    return Rendered(claims, avb.table(listed), figure, notes, numbers, headline)


def _read(label, run) -> dict:
    return avb.read(run.folder) | {"label": f"{label}, seed {run.config['seed']}"}


def _draw(axis, run, alpha, named):
    rows = run["rows"]
    steps = [row["step"] for row in rows]
    lines = {"exact": ("black", [row["kl"]["value"] for row in rows])}
    for i, name in enumerate(rows[-1]["discriminators"]):
        values = [row["discriminators"][name]["value"] for row in rows]
        lines[f"{name} discriminator"] = (plots.colour(i), values)
    for label, (colour, values) in lines.items():
        axis.plot(steps, values, ".-", color=colour, alpha=alpha, label=label if named else None)


def _below(tests):
    """The claim that the joint discriminator's KL is below the exact one in every seed.

    By two standard errors.
    """
    joints = [test["discriminators"]["joint"] for test in tests]
    above = [beyond(joint["gap"]) for joint in joints]
    below = all_hold([None if one is None else not one for one in above])
    return below, f"{', '.join(map(_against, tests))} nats on test images"


def _against(test):
    joint, exact = (entry["value"] for entry in (test["discriminators"]["joint"], test["kl"]))
    return f"{number(joint)} against {number(exact)}"


def _grows(every):
    """The claim that large divergences are underestimated more.

    It compares the encoders of a seed, on test images, by two standard errors.
    """
    holds, texts = [], []
    for seed in zip(*every.values(), strict=True):
        tests = [run["end"]["test"] for run in seed]
        pairs = sorted(
            ((t["kl"]["value"], t["discriminators"]["joint"]["gap"]) for t in tests),
            key=lambda pair: pair[0],
        )
        steps = itertools.pairwise(gap for _, gap in pairs)
        holds.append(all_hold([above(small, large) for small, large in steps]))
        texts.append(
            ", ".join(f"off by {value(gap)} at {number(exact)} nats" for exact, gap in pairs)
        )
    return all_hold(holds), "; ".join(texts)


def _split(tests):
    """The claim that the autoregressive discriminator is closer to the exact KL than the joint one.

    In every seed, by two standard errors.
    """
    gaps = [
        [test["discriminators"][name]["gap"] for name in ("autoregressive", "joint")]
        for test in tests
    ]
    closer = [above(_size(joint), _size(split)) for split, joint in gaps]
    text = ", ".join(f"{value(split)} against {value(joint)}" for split, joint in gaps)
    return all_hold(closer), f"gaps {text} nats"


def _size(gap: Mean) -> Mean:
    """A gap without its sign."""
    return {**gap, "value": None if gap["value"] is None else abs(gap["value"])}


def _about_seeds(every):
    if all(len(runs) == 1 for runs in every.values()):
        return []
    return [
        "A claim holds if it holds for every seed; numbers are in the order of seeds, and later "
        "seeds are drawn paler."
    ]

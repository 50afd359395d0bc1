"""Tables 1 and 2: the best score during training, and the test NLL at the best validation NLL."""

import numpy as np

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from papers.trained import NOTE, resting, untrained
from tfflowgan.report.format import number, value
from tfflowgan.statistics import Mean

__all__ = ["NEEDS", "classifier", "ending", "not_trained", "render", "score"]

NEEDS = [
    Evaluation("likelihood", "nll"),
    Evaluation("likelihood", "score"),
    Evaluation("sample_scores", "score"),
]
_CLASSIFIERS = {  # by dataset
    "mnist": "our own classifier; the paper does not publish its own",
    "cifar10": "ResNet-56 features, not the published classifier (Inception)",
}


def score(run: FinishedRun, name: str, select: str = "score") -> Mean:
    """A score of the run's samples with its standard error."""
    return run.result("sample_scores", select)["samples"][name]


def classifier(run: FinishedRun) -> str:
    """A note on the classifier behind a run's scores."""
    dataset = run.data["name"]
    return f"Scores of {dataset} use {_CLASSIFIERS.get(dataset, 'our own classifier')}."


def ending(run: FinishedRun) -> str:
    """The length of a run, in steps and minutes."""
    return f"{run.end['step']:,} steps, {run.end['seconds'] / 60:.0f} min"


def render(
    by_label: dict[str, FinishedRun],
    published: dict[str, tuple[float, float]],
    name: str,
    in_bits: bool,
) -> Rendered:
    """A table of scores and NLLs, and the paper's ranking by both.

    Args:
      by_label: the runs by label.
      published: label -> score and test NLL, where the paper states them.
      name: "mode_score" or "inception_score".
      in_bits: whether the NLL is in bits/dim rather than nats.
    """
    unit = "bits/dim" if in_bits else "nats"
    title = {"mode_score": "MODE", "inception_score": "Inception"}[name]
    header = [
        "objective",
        f"{title}, published",
        f"{title}, here",
        f"test NLL ({unit}), published",
        f"test NLL ({unit}), here",
    ]
    header += [f"test NLL at best {title}", "FID there", "own samples (bits/dim)", "run"]
    rows = []
    for label, run in by_label.items():
        theirs = [number(v) for v in published.get(label, (None, None))]
        for one in [run, *run.seeds]:
            row_label = label if one is run else f"{label}, seed {one.config['seed']}"
            rows.append(_row(row_label, one, theirs if one is run else ["-", "-"], name, in_bits))
    first = next(iter(by_label.values())).result("sample_scores", "score")
    real = value(first["test"][name])
    rows.append(["real test images", "-", real, *["-"] * 6])
    claims = [
        _higher(
            "the adversary's samples score higher than those of MLE",
            by_label,
            "ADV",
            "MLE",
            name,
            True,
        ),
        _higher(
            "the hybrid's samples score higher than those of MLE",
            by_label,
            "hybrid",
            "MLE",
            name,
            True,
        ),
    ]
    better = published["hybrid"][0] > published["ADV"][0]
    statement = f"the hybrid's score is {'above' if better else 'below'} the adversary's"
    claims.append(_higher(statement, by_label, "hybrid", "ADV", name, better))
    better = published["hybrid"][1] > published["MLE"][1]
    statement = f"the hybrid's test NLL is {'above' if better else 'below'} that of MLE"
    claims.append(_denser(statement, by_label, "hybrid", "MLE", better))
    claims.append(
        _denser("the adversary's test NLL is above that of MLE", by_label, "ADV", "MLE", True)
    )
    claims.append(
        _denser(
            "the adversary's test NLL is above that of the hybrid", by_label, "ADV", "hybrid", True
        )
    )
    claims += _controls(by_label, name, better)
    network, source = first["classifier"], classifier(next(iter(by_label.values())))
    test_images = next(iter(by_label.values())).result("likelihood", "nll")["test"]["count"]
    notes = [
        f"{source} {first['count']:,} samples in {first['score_splits']} parts, scored by "
        f"{network['name']} (sha256 {network['sha256'][:12]}...), from the weights with the best "
        f"{title} score during training. A claim is open if the two values are less than two "
        "standard errors apart; a claim about several seeds holds if it holds for each.",
        NOTE,
        "NLLs and own samples are of the weights with the best validation NLL, on "
        f"{test_images:,} test images; compare a model's NLL of its own samples with its NLL of "
        "images. Differences of NLLs are taken image by image.",
    ]
    numbers = {
        "scores": {
            label: [score(one, name) for one in [run, *run.seeds]]
            for label, run in by_label.items()
        },
        "test_nll": {
            label: [_nll(one, "nll") for one in [run, *run.seeds]]
            for label, run in by_label.items()
        },
        "test_nll_at_best_score": {
            label: [_nll(one, "score") for one in [run, *run.seeds]]
            for label, run in by_label.items()
        },
    }
    if not in_bits:
        notes.append("An NLL in nats is negative if the density is higher than the uniform one.")
    order = [
        plots.order({label: means[0]["value"] for label, means in numbers[what].items()})
        for what in ("scores", "test_nll")
    ]
    notes.append(f"Ranking by score here: {order[0]}; by test NLL in nats: {order[1]}.")
    best = ", ".join(f"{o} {number(score(by_label[o], name)['value'])}" for o in published)
    return Rendered(
        claims, (header, rows), notes=notes, numbers=numbers, headline=f"{title} score: {best}"
    )


def _controls(by_label, name, better):
    """Claims about control runs that the paper does not have.

    One control has as much more MLE training; the other is an adversary that starts from the
    hybrid's initial weights.
    """
    claims = []
    for control in [label for label in by_label if label.endswith(" more")]:
        statement = "the hybrid's samples score higher than those of MLE trained for as long"
        claims.append(_higher(statement, by_label, "hybrid", control, name, True, paper=False))
        statement = (
            f"the hybrid's test NLL is {'above' if better else 'below'} that of MLE trained for as "
            "long"
        )
        claims.append(_denser(statement, by_label, "hybrid", control, better, paper=False))
    if (start := "ADV, from MLE") in by_label:
        statement = "the adversary that starts from MLE scores higher than MLE"
        claims.append(_higher(statement, by_label, start, "MLE", name, True, paper=False))
        statement = "the hybrid's score is above that of this adversary"
        claims.append(_higher(statement, by_label, "hybrid", start, name, True, paper=False))
        statement = "this adversary's test NLL is above that of the hybrid"
        claims.append(_denser(statement, by_label, start, "hybrid", True, paper=False))
    return claims


def _row(label, run, published, name, in_bits):
    key, digits = ("bits_per_dim", 3) if in_bits else ("nll", 2)
    nlls = []
    for select, curve in (("nll", run.curve("validation_nll")), ("score", run.curve(name))):
        test = run.result("likelihood", select)["test"]
        steps, values = curve
        best = steps[int((np.nanargmin if select == "nll" else np.nanargmax)(values))]
        nlls.append(f"{value(test[key], digits)} (step {best:,})")
    fid = number(run.result("sample_scores", "score")["samples"]["fid"])
    own = number(run.result("likelihood", "nll")["own_samples"]["bits_per_dim"]["value"], 3)
    return [
        label,
        published[0],
        value(score(run, name)),
        published[1],
        *nlls,
        fid,
        own,
        ending(run),
    ]


def _nll(run, select):
    return run.result("likelihood", select)["test"]["nll"]


def _higher(statement, by_label, one, other, name, expected, paper=True):
    """A claim about scores, in every seed; open if it rests on an untrained adversary."""
    base, every = by_label[other], [by_label[one], *by_label[one].seeds]
    holds = all_hold([_is(above(score(run, name), score(base, name)), expected) for run in every])
    ours = ", ".join(number(score(run, name)["value"], 3) for run in every)
    text = f"{one} {ours}, {other} {number(score(base, name)['value'], 3)}"
    return resting(Claim(statement, holds, text, paper), *not_trained(by_label, one, other))


def _denser(statement, by_label, one, other, expected, paper=True):
    """A claim about NLLs, as `_higher`, by differences of single images."""
    base, every = by_label[other], [by_label[one], *by_label[one].seeds]
    apart = [run.nll_above(base, "nll") for run in every]
    holds = all_hold([_is(above(difference, exactly(0.0)), expected) for difference in apart])
    differences = ", ".join(f"{a['value']:+.2f} +- {a['standard_error']:.2f}" for a in apart)
    claim = Claim(statement, holds, f"{one} - {other}: {differences} nats", paper)
    return resting(claim, *not_trained(by_label, one, other))


def not_trained(by_label: dict[str, FinishedRun], *labels: str) -> list[str | None]:
    """Why the adversaries among some labels have not trained; None for one that has."""
    mle = by_label.get("MLE")
    return [untrained(one, by_label[one], mle) for one in labels if one.startswith("ADV")]


def _is(answer, expected):
    return None if answer is None else answer is expected

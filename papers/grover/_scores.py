"""Tables 1 and 2: what they share. Best score over training, and the test NLL of the weights with the best validation NLL."""

import numpy as np

from papers import plots
from papers.artefact import Evaluation, Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from tfflowgan.report.format import number, value
from tfflowgan.statistics import Mean

__all__ = ["NEEDS", "classifier", "ending", "render", "score"]

NEEDS = [
    Evaluation("likelihood", "nll"),
    Evaluation("likelihood", "score"),
    Evaluation("sample_scores", "score"),
]
_CLASSIFIERS = {  # by images
    "mnist": "a classifier of ours; the paper does not publish its own",
    "cifar10": "ResNet-56 features, not the published classifier (Inception)",
}


def score(found: FinishedRun, name: str, select: str = "score") -> Mean:
    """A score of the run's samples with its standard error."""
    return found.result("sample_scores", select)["samples"][name]


def classifier(found: FinishedRun) -> str:
    """Who gives a run's scores, for a note."""
    return f"Scores of {found.data['name']} are by {_CLASSIFIERS.get(found.data['name'], 'a classifier of ours')}."


def ending(found: FinishedRun) -> str:
    """How long a run was."""
    return f"{found.end['step']:,} steps, {found.end['seconds'] / 60:.0f} min"


def render(
    found: dict[str, FinishedRun],
    published: dict[str, tuple[float, float]],
    name: str,
    in_bits: bool,
) -> Rendered:
    """A table of scores and NLLs, and the paper's order of both.

    Args:
      found: the runs.
      published: label -> score and test NLL, where the paper has them.
      name: "mode_score" or "inception_score".
      in_bits: whether the NLL is in bits/dim, else in nats.
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
    header += [f"test NLL where {title} is best", "FID there", "own samples (bits/dim)", "run"]
    rows = []
    for label, run in found.items():
        theirs = [number(v) for v in published.get(label, (None, None))]
        rows += [_row(label if one is run else f"{label}, seed {one.config['seed']}", one, theirs if one is run else ["-", "-"],
                      name, in_bits) for one in [run, *run.seeds]]  # fmt: skip
    first = next(iter(found.values())).result("sample_scores", "score")
    real = value(first["test"][name])
    rows.append(["real test images", "-", real, *["-"] * 6])
    claims = [
        _higher(
            "the adversary's samples score higher than those of MLE",
            found,
            "ADV",
            "MLE",
            name,
            True,
        ),
        _higher(
            "the hybrid's samples score higher than those of MLE",
            found,
            "hybrid",
            "MLE",
            name,
            True,
        ),
    ]
    better = published["hybrid"][0] > published["ADV"][0]
    statement = f"the hybrid's score is {'above' if better else 'below'} the adversary's"
    claims.append(_higher(statement, found, "hybrid", "ADV", name, better))
    better = published["hybrid"][1] > published["MLE"][1]
    statement = f"the hybrid's test NLL is {'above' if better else 'below'} that of MLE"
    claims.append(_denser(statement, found, "hybrid", "MLE", better))
    claims.append(
        _denser("the adversary's test NLL is above that of MLE", found, "ADV", "MLE", True)
    )
    claims.append(_denser("and above that of the hybrid", found, "ADV", "hybrid", True))
    claims += _controls(found, name, better)
    judge, whose = first["classifier"], classifier(next(iter(found.values())))
    notes = [
        f"{whose} {first['count']:,} samples in {first['score_splits']} parts by {judge['name']} "
        f"(sha256 {judge['sha256'][:12]}...), of the weights with the best {title} score while training. A claim is open where "
        "the two are less than two standard errors apart; a claim of several seeds holds if it does in each.",
        "NLLs and own samples are of the weights with the best validation NLL, of "
        f"{next(iter(found.values())).result('likelihood', 'nll')['test']['count']:,} test images; a model's NLL of its own "
        "samples is to be compared with its NLL of images. Differences of NLLs are taken image by image.",
    ]
    numbers = {
        "scores": {
            label: [score(one, name) for one in [run, *run.seeds]] for label, run in found.items()
        },
        "test_nll": {
            label: [_nll(one, "nll") for one in [run, *run.seeds]] for label, run in found.items()
        },
        "test_nll_at_best_score": {
            label: [_nll(one, "score") for one in [run, *run.seeds]] for label, run in found.items()
        },
    }
    if not in_bits:
        notes.append(
            "An NLL in nats is negative where an image is likelier than under a uniform density."
        )
    order = [
        plots.order({label: means[0]["value"] for label, means in numbers[what].items()})
        for what in ("scores", "test_nll")
    ]
    notes.append(f"Order of scores here: {order[0]}; of test NLLs in nats: {order[1]}.")
    return Rendered(claims, (header, rows), notes=notes, numbers=numbers)


def _controls(found, name, better):
    """The same of runs that the paper has not: as much more MLE, and the adversary that starts where the hybrid does."""
    claims = []
    for control in [label for label in found if label.endswith(" more")]:
        statement = "the hybrid's samples score higher than those of as much more MLE"
        claims.append(_higher(statement, found, "hybrid", control, name, True, paper=False))
        statement = (
            f"the hybrid's test NLL is {'above' if better else 'below'} that of as much more MLE"
        )
        claims.append(_denser(statement, found, "hybrid", control, better, paper=False))
    if (start := "ADV, from MLE") in found:
        statement = "the adversary that starts from MLE scores higher than MLE"
        claims.append(_higher(statement, found, start, "MLE", name, True, paper=False))
        statement = "the hybrid's score is above that of this adversary"
        claims.append(_higher(statement, found, "hybrid", start, name, True, paper=False))
        statement = "this adversary's test NLL is above that of the hybrid"
        claims.append(_denser(statement, found, start, "hybrid", True, paper=False))
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


def _higher(statement, found, one, other, name, due, paper=True):
    """A claim on scores, in every seed."""
    base, every = found[other], [found[one], *found[one].seeds]
    holds = all_hold([_is(above(score(run, name), score(base, name)), due) for run in every])
    ours = ", ".join(number(score(run, name)["value"], 3) for run in every)
    return Claim(
        statement, holds, f"{one} {ours}, {other} {number(score(base, name)['value'], 3)}", paper
    )


def _denser(statement, found, one, other, due, paper=True):
    """A claim on NLLs, in every seed, by differences of single images."""
    base, every = found[other], [found[one], *found[one].seeds]
    apart = [run.nll_above(base, "nll") for run in every]
    holds = all_hold([_is(above(difference, exactly(0.0)), due) for difference in apart])
    differences = ", ".join(f"{a['value']:+.2f} +- {a['standard_error']:.2f}" for a in apart)
    return Claim(statement, holds, f"{one} - {other}: {differences} nats", paper)


def _is(found, due):
    return None if found is None else found is due

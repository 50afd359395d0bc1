"""The pages about the weight of the likelihood (Eq. 7), one per dataset."""

import dataclasses
import itertools

from matplotlib.figure import Figure

from papers.artefact import Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from papers.grover import _scores
from papers.trained import NOTE, resting
from tfflowgan.report.format import number, value

__all__ = ["NEEDS", "Page", "render"]

NEEDS = _scores.NEEDS
_BEST, _SAME = "nll", "score"  # weights of an NLL: best validation NLL, or those of the score


@dataclasses.dataclass(frozen=True)
class Page:
    """What differs between the pages.

    Attributes:
      score: "mode_score" or "inception_score".
      title: of the score.
      better_than: labels of runs than which the paper finds some hybrid better in both values.
    """

    score: str
    title: str
    better_than: tuple[str, ...]


def render(runs: dict[str, FinishedRun], page: Page) -> Rendered:
    """One point per weight, and whether a hybrid is better than each other run in both values."""
    nlls = {
        select: {label: run.result("likelihood", select)["test"] for label, run in runs.items()}
        for select in (_BEST, _SAME)
    }
    scores = {label: _scores.score(run, page.score) for label, run in runs.items()}
    header = [
        "run",
        f"{page.title} score",
        "test NLL of these weights (nats)",
        "test NLL at best validation NLL (nats)",
        "FID",
        "length",
    ]
    rows = [
        _row(label, run, scores[label], [nlls[select][label] for select in (_SAME, _BEST)])
        for label, run in runs.items()
    ]
    same = {label: test["nll"]["value"] for label, test in nlls[_SAME].items()}
    weights = [label for label in runs if label.startswith("hybrid")]
    claims = _trade_off(runs, scores, same, weights)
    for other in [label for label in runs if label not in weights]:
        statement = f"some hybrid is better than {other} in both"
        claim = _some(statement, runs, weights, other, _BEST, page)
        claims.append(dataclasses.replace(claim, paper=other in page.better_than))
    for other in ("MLE", *(label for label in runs if label.endswith(" more"))):
        statement = f"with one set of weights for both values, some hybrid is better than {other}"
        claims.append(_some(statement, runs, weights, other, _SAME, page))
    notes = [
        "Scores are of the weights with the best score during training. An NLL is of the same "
        "weights or, as in the paper's tables, of those with the best validation NLL. Better means "
        "by two standard errors, for NLLs of the differences image by image.",
        NOTE,
    ]
    numbers = {
        page.score: scores,
        "test_nll": {label: test["nll"] for label, test in nlls[_SAME].items()},
    }
    numbers["test_nll_best_validated"] = {label: test["nll"] for label, test in nlls[_BEST].items()}
    said = ", ".join(
        f"{label.removeprefix('hybrid ')}: {number(scores[label]['value'])}"
        for label in (*weights, "MLE")
    )
    return Rendered(
        claims,
        (header, rows),
        _figure(same, scores, page),
        notes,
        numbers,
        f"{page.title} by weight: {said}",
    )


def _trade_off(runs, scores, nlls, weights):
    """The claims that a higher weight gives a lower NLL and a lower score."""
    pairs = list(itertools.pairwise(weights))
    text = ", ".join(f"{label} {number(nlls[label])}" for label in weights)
    falling = all_hold([above(runs[a].nll_above(runs[b], _SAME), exactly(0.0)) for a, b in pairs])
    claims = [Claim("the higher the likelihood's weight, the lower the NLL", falling, text)]
    text = ", ".join(f"{label} {number(scores[label]['value'])}" for label in weights)
    rising = all_hold([above(scores[a], scores[b]) for a, b in pairs])
    return [*claims, Claim("the higher the likelihood's weight, the lower the score", rising, text)]


def _row(label, run, score, tests):
    fid = number(run.result("sample_scores", "score")["samples"]["fid"])
    return [label, value(score), *(value(t["nll"]) for t in tests), fid, _scores.ending(run)]


def _figure(nlls, scores, page):
    """NLL against score of the same weights."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axis = figure.subplots()
    densest = min(nlls.values())
    for label, mean in scores.items():
        score = mean["value"]
        axis.errorbar(nlls[label] - densest, score, mean["standard_error"], fmt=".")
        right = not label.endswith(" more")  # that point is close to MLE
        place = {"xytext": (5, -9), "ha": "left"} if right else {"xytext": (-5, 5), "ha": "right"}
        axis.annotate(
            label,
            (nlls[label] - densest, score),
            textcoords="offset points",
            fontsize="x-small",
            **place,
        )
    axis.set_xscale("symlog", linthresh=1.0)
    axis.margins(x=0.15)
    axis.set(
        xlabel=f"test NLL, nats above {densest:.2f}",
        ylabel=f"{page.title} score; one standard error",
    )
    axis.grid(alpha=0.3)
    return figure


def _some(statement, runs, weights, other, select, page):
    """The claim of ours that a hybrid has the higher score and the lower NLL than another run."""
    better = {label: _better(runs[label], runs[other], select, page) for label in weights}
    best = [label for label in weights if better[label]]
    nll = runs[other].result("likelihood", select)["test"]["nll"]["value"]
    score = _scores.score(runs[other], page.score)["value"]
    text = (
        f"{', '.join(best) or 'none for certain'} "
        f"({other}: {number(nll)} nats, {page.title} {number(score)})"
    )
    holds = True if best else None if None in better.values() else False
    claim = Claim(statement, holds, text, paper=False)
    return resting(claim, *_scores.not_trained(runs, other))


def _better(run, other, select, page):
    """Whether a run has the higher score and, image by image, the lower NLL.

    Both by two standard errors.
    """
    denser = above(other.nll_above(run, select), exactly(0.0))
    ours, theirs = (_scores.score(one, page.score) for one in (run, other))
    return all_hold([denser, above(ours, theirs)])

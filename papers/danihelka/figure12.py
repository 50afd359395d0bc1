"""Figure 12: distance with and without the fast learning critic, at two critic updates per step."""

from papers.artefact import Rendered
from papers.claims import Claim, above, all_hold, exactly
from papers.finished_run import FinishedRun
from tfflowgan.report import distances
from tfflowgan.report.format import number
from tfflowgan.statistics import Mean, known_value, mean_with_error

PUBLISHED = (
    "CelebA: with two critic updates per generator step instead of five, the generator gets near "
    "the images only with the fast learning critic; without it, samples do not resemble the data."
)
IMAGES = "celeb_a"
RUNS = {"fast learning": "faces_two_steps_fast_learning", "DCGAN": "faces_two_steps_dcgan"}
SEEDS = True
NEEDS = []
_READINGS = 3  # at the end, averaged


def render(by_label: dict[str, FinishedRun]) -> Rendered:
    """One line per critic, the mean over seeds in a band, and the final values."""
    every = {label: [run, *run.seeds] for label, run in by_label.items()}
    runs = [
        {"label": label, "config": r.config, "data": r.data, "rows": r.rows}
        for label, seeds in every.items()
        for r in seeds
    ]
    ends = {label: [_end(run) for run in seeds] for label, seeds in every.items()}
    listed = {label: ", ".join(number(v, 4) for v in values) for label, values in ends.items()}
    # Between seeds or, if larger, between the last readings of the first seed: few seeds may be
    # close by chance.
    errors = {
        label: max(_error(ends[label]), _error(_last(seeds[0]))) for label, seeds in every.items()
    }
    means: dict[str, Mean] = {
        label: {**mean_with_error(values), "standard_error": errors[label]}
        for label, values in ends.items()
    }
    text = ", ".join(
        f"{label} {number(mean['value'], 4)} ({listed[label]})" for label, mean in means.items()
    )
    smaller = above(means["DCGAN"], means["fast learning"])
    claims = [Claim("the distance is smaller with the fast learning critic", smaller, text)]
    starts = [_farthest(run) for run in every["DCGAN"]]
    failed = all_hold(
        [_failed(run, start) for run, start in zip(every["DCGAN"], starts, strict=True)]
    )
    text = ", ".join(
        f"{number(start, 4)} at most in the first half, {number(end, 4)} at the end"
        for start, end in zip(starts, ends["DCGAN"], strict=True)
    )
    claims.append(Claim("without it the generator comes no nearer to the images", failed, text))
    better, count = sum(a < b for a, b in zip(*ends.values(), strict=True)), len(ends["DCGAN"])
    if count > 1:
        text = f"{better} of {count} seeds, means of the last {_READINGS} readings"
        claims.append(
            Claim("the distance is smaller in every seed", better == count, text, paper=False)
        )
    return Rendered(claims, distances.table(runs), distances.figure(runs), numbers={"ends": ends})


def _farthest(run):
    """The largest reading of the first half.

    The first readings are small because the independent critic is new.
    """
    values = run.curve("independent_validation")[1]
    return max(values[: len(values) // 2 + 1])


def _failed(run, start):
    nearer = above(exactly(start), mean_with_error(_last(run)))
    return True if nearer is False else None if nearer is None else False


def _last(run):
    return run.curve("independent_validation")[1][-_READINGS:]


def _end(run):
    return known_value(mean_with_error(_last(run)))


def _error(values):
    return mean_with_error(values)["standard_error"] or 0.0

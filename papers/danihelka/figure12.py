"""Figure 12: distance with and without the fast learning critic, at two critic updates per step."""

from papers.artefact import Rendered
from papers.claims import Claim, beyond
from papers.danihelka import _critics
from papers.finished_run import FinishedRun
from tfflowgan.report import distances
from tfflowgan.report.format import interval, number, value
from tfflowgan.statistics import Mean, known_value, mean_with_error, mean_with_t_interval

PUBLISHED = (
    "CelebA: with two critic updates per generator step instead of five, the generator gets near "
    "the images only with the fast learning critic; without it, samples do not resemble the data."
)
IMAGES = "celeb_a"
_FAST, _DCGAN, _CONTROL = "fast learning", "DCGAN", "DCGAN with a free bias"
_MLE = "MLE"  # in place of any critic
RUNS = {
    _FAST: "faces_two_steps_fast_learning",
    _DCGAN: "faces_two_steps_dcgan",
    _CONTROL: "faces_two_steps_dcgan_free_bias",
    _MLE: "faces_nvp3_mle",
}
SEEDS = True
NEEDS = [_critics.NEED]
_MUCH = 0.1  # of the distance
_PERCENT = f"{100 * _MUCH:g} %"


def render(by_label: dict[str, FinishedRun]) -> Rendered:
    """One line per critic, the mean over seeds in a band; the distances of the last weights.

    The control has the fast learning critic's other novelty, a bias that is not clipped, without
    the extra images. The run by likelihood says whether a generator has come near.
    """
    every = {label: [run, *run.seeds] for label, run in by_label.items()}
    runs = [
        {"label": label, "config": r.config, "data": r.data, "rows": r.rows}
        for label, seeds in every.items()
        if label != _MLE
        for r in seeds
    ]
    ends = {
        label: [known_value(_critics.distance(run, "validation")) for run in seeds]
        for label, seeds in every.items()
    }
    come_near = all(_critics.trained(run, by_label[_MLE]) for run in every[_DCGAN])
    claims = [_smaller(ends, _DCGAN, "without it", paper=True), _without(ends, come_near)]
    if _CONTROL in ends:
        claims.append(
            _smaller(ends, _CONTROL, "with a free bias in place of its extra images", paper=False)
        )
    notes = [
        "The picture has the curves of each run's own critic. Distances of the last weights are of "
        "validation images, by independent critics that are the same for all runs. "
        f"{_critics.note(every[_FAST][0])}",
        "Seeds share initial weights and images, so critics are compared seed by seed; intervals "
        "are Student's, over seeds. A single seed settles nothing.",
        f"That it comes less near holds if the whole interval is over {_PERCENT} of the distance, "
        "and does not if it is below and the runs without it are nearer than maximum likelihood.",
    ]
    means = ", ".join(f"{k} {number(mean_with_error(v)['value'])}" for k, v in ends.items())
    headline = f"distance of validation images: {means}"
    figure, numbers = distances.figure(runs), {"ends": ends}
    return Rendered(claims, _table(ends), figure, notes, numbers, headline)


def _smaller(ends, other, what, paper):
    """The claim that the distance is smaller with the fast learning critic."""
    pairs = zip(ends[other], ends[_FAST], strict=True)
    by = mean_with_t_interval([one - fast for one, fast in pairs])
    means = ", ".join(
        f"{label} {number(mean_with_error(ends[label])['value'], 4)} "
        f"({', '.join(number(v, 4) for v in ends[label])})"
        for label in (_FAST, other)
    )
    statement = f"the distance is smaller with the fast learning critic than {what}"
    return Claim(statement, _settled(by), f"{means}; smaller by {_with_interval(by)}", paper)


def _without(ends, come_near):
    """The claim that without the fast learning critic the generator comes less near.

    Args:
      ends: label -> distance of each seed.
      come_near: whether every run without it is nearer than maximum likelihood. If not, none of
        them refutes the claim.
    """
    gained = mean_with_t_interval(
        [(one - fast) / one for one, fast in zip(ends[_DCGAN], ends[_FAST], strict=True)]
    )
    less = beyond(gained, _MUCH) if "interval" in gained else None
    text = f"of the distance without it, the fast learning critic saves {_with_interval(gained)}"
    if less is False and not come_near:
        less, text = None, f"{text}; open: without it no nearer than maximum likelihood"
    return Claim(f"without it the generator comes less near, by over {_PERCENT}", less, text)


def _settled(mean: Mean) -> bool | None:
    """Whether a mean over seeds is above 0; None for a single seed."""
    return beyond(mean) if "interval" in mean else None


def _with_interval(mean):
    return f"{mean['value']:+.4f} ({interval(mean, 4, signed=True)})"


def _table(ends):
    header = ["critic", "seeds", "distance of validation images, mean of seeds", "each seed"]
    rows = []
    for label, values in ends.items():
        each = ", ".join(number(v, 4) for v in values)
        rows.append([label, str(len(values)), value(mean_with_error(values), 4), each])
    return header, rows

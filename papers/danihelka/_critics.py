"""What independent critics find of a run's last weights, and whether its adversary has trained.

Every distance is by `bin/evaluate --evaluations=critic_distance`: the same critics, on the same
images, for every run. So runs are compared critic by critic and batch by batch, and what all runs
share is not in the error of their difference.
"""

import dataclasses
from typing import Any

import numpy as np

from papers.artefact import Evaluation
from papers.claims import Claim, all_hold, beyond
from papers.finished_run import FinishedRun, claim_mean
from tfflowgan.report.format import number
from tfflowgan.statistics import Mean, mean_of_rows

__all__ = ["NEED", "OPEN", "Training", "apart", "distance", "farther", "note", "said", "trained"]
__all__ += ["listed", "training"]

NEED = Evaluation("critic_distance", "last")
OPEN = (
    "A claim about an adversary is open unless its samples are nearer to the test images than "
    "those of maximum likelihood, by independent critics and beyond the error: one that has not "
    "trained tells nothing about those that have. So the claim that they are nearer holds or is "
    "open, and can never be found false: a run that ends farther away may have been too short."
)


def distance(run: FinishedRun, part: str = "test") -> Mean:
    """The distance of a run's generator from the images of a split."""
    return run.result(*NEED.key)["distances"][part]


def apart(run: FinishedRun, far: str, near: str) -> Mean:
    """How much farther the images of one split are from a generator than those of another."""
    values = run.arrays(*NEED.key)
    return _mean(values[far] - values[near])


def farther(one: FinishedRun, other: FinishedRun, part: str = "test") -> Mean:
    """How much farther a run's generator is from a split than another run's.

    Raises:
      ValueError: they were not evaluated on the same images by the same critics.
    """
    made_with = [
        [run.data["fingerprint"]]
        + [run.result(*NEED.key)["critic"][name] for name in ("seeds", "updates", "batch")]
        for run in (one, other)
    ]
    if made_with[0] != made_with[1]:
        raise ValueError(
            f"{one.folder} and {other.folder} were evaluated on different images or by different "
            "critics"
        )
    ours, theirs = (run.arrays(*NEED.key)[part] for run in (one, other))
    return _mean(ours - theirs)


def trained(adversarial: FinishedRun, by_likelihood: FinishedRun) -> bool:
    """Whether an adversary brought its generator nearer to the images than maximum likelihood did.

    By test images, which no critic was trained on, and beyond the error of the difference.
    """
    return beyond(farther(by_likelihood, adversarial)) is True


@dataclasses.dataclass(frozen=True)
class Training:
    """Which adversaries have trained.

    Attributes:
      done: label -> whether it has.
      distances: label -> its distance and that of maximum likelihood in words, where it has not.
    """

    done: dict[str, bool]
    distances: dict[str, str]

    def claim(
        self, statement: str, found: dict[str, bool | None], text: str, **options: Any
    ) -> Claim:
        """The claim that something is so for all of several adversaries.

        Args:
          statement: what is claimed.
          found: label -> whether it is so. Of one that has not trained this counts as open.
          text: our numbers; why the others do not count is added.
          **options: of `Claim`.
        """
        holds = all_hold([one if self.done[label] else None for label, one in found.items()])
        return Claim(statement, holds, text + self.reason(holds), **options)

    def reason(self, holds: bool | None) -> str:
        """What to add to a claim's numbers about adversaries that have not trained."""
        if not self.distances:
            return ""
        each = ", ".join(f"{label} {words}" for label, words in self.distances.items())
        if holds is None:
            return f"; open: no nearer to test images than maximum likelihood ({each})"
        one = len(self.distances) == 1
        have, count = ("has", "does") if one else ("have", "do")
        names = " and ".join(self.distances)
        return f"; {names} {have} not trained and {count} not count ({each})"


def training(
    adversarial: dict[str, FinishedRun], by_likelihood: dict[str, FinishedRun]
) -> Training:
    """Which adversaries have trained.

    Args:
      adversarial: runs by label.
      by_likelihood: the run of each by maximum likelihood, with the same labels.
    """
    done = {label: trained(run, by_likelihood[label]) for label, run in adversarial.items()}
    distances = {
        label: f"{said(distance(adversarial[label]))} against "
        f"{said(distance(by_likelihood[label]))}"
        for label, has in done.items()
        if not has
    }
    return Training(done, distances)


def listed(runs: dict[str, FinishedRun]) -> str:
    """The distances of test images from several generators, for the summary."""
    return ", ".join(f"{k} {number(distance(run)['value'])}" for k, run in runs.items())


def note(run: FinishedRun) -> str:
    """How the critics of every run were trained and read."""
    critic = run.result(*NEED.key)["critic"]
    return (
        f"Distances are by {len(critic['seeds'])} critics, each with {critic['updates']} updates "
        f"and {critic['readings']} readings of {critic['batch']} images. Errors have what critics "
        "differ by and the images that they read, not the validation images on which all of them "
        "are trained."
    )


def said(mean: Mean) -> str:
    """A distance with its standard error."""
    error = mean["standard_error"]
    return f"{number(mean['value'], 4)}" + (f" +- {number(error, 4)}" if error is not None else "")


def _mean(values: np.ndarray) -> Mean:
    return mean_of_rows(values) if len(values) > 1 else claim_mean(values[0])

"""The recipe of a run, and the flags that recipes share."""

import dataclasses

__all__ = ["CLASSIFIER", "SCORED", "SCORED_CIFAR10", "SMOKE", "SMOKE_SCORED", "From", "Recipe"]


@dataclasses.dataclass(frozen=True)
class From:
    """The folder of another run, as the value of a flag."""

    run: str


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to make a run.

    Attributes:
      flags: scale -> flags of the command; without the scales that do not have the run.
      command: of `bin/`.
      seeds: how many seeds, of artefacts that read several; 1 at smoke scale.
    """

    flags: dict[str, dict]
    command: str = "train"
    seeds: int = 1


CLASSIFIER = {
    "mnist": "saved_models/mnist_classifier",
    "cifar10": "saved_models/cifar10_classifier",
}
SCORED = {"classifier": CLASSIFIER["mnist"]}
SCORED_CIFAR10 = {"classifier": CLASSIFIER["cifar10"]}
SMOKE = {
    "dataset": "mnist",
    "data_source": "embedded",
    "limit": 120,
    "batch_size": 20,
    "epochs": 1,
    "monitor_steps": 1,
}
SMOKE_SCORED = SMOKE | SCORED | {"score_samples": 40}

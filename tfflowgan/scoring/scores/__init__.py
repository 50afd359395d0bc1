"""Scores: how unusual is an image? Higher is more unusual. One per file, found by its name.

A score is a module with

    score(batch, fitted) -> float64 [B]            higher is more unusual

and, if it has them,

    class Fit                                      what it learns from training images, in one pass:
                                                   Fit(), update(batch), result() -> arrays by name
    pixel_map(batch, fitted) -> float64 [B, H, W]  where an image is unusual, for `--maps`
    BY_PLACE = True                                it needs `batch.terms` or `batch.latents`, which
                                                   a flow with layers of one's own does not have

`batch` is a `tfflowgan.scoring.measurements.Batch`; `fitted` are the arrays of `Fit.result`, empty
for a score without `Fit`. They are kept with the model.
"""

import dataclasses
from collections.abc import Callable
from typing import Protocol

import numpy as np

from tfflowgan import plugins
from tfflowgan.scoring.measurements import Batch

__all__ = ["Arrays", "Fitting", "Score", "load", "names", "possible"]

Arrays = dict[str, np.ndarray]


class Fitting(Protocol):
    """What a score learns from training images, in one pass over them."""

    def update(self, batch: Batch) -> None:
        """Takes a batch of training images."""

    def result(self) -> Arrays:
        """What is kept of all of them: arrays by name, of a size that does not grow with them."""
        ...


@dataclasses.dataclass(frozen=True)
class Score:
    """A score, as its module defines it.

    Attributes:
      name: of its file, and in tables.
      score: see above.
      fit: makes a new `Fitting`; None if the score needs nothing of the training images.
      pixel_map: see above; None if the score has no map.
      by_place: whether the score itself needs terms or latents in place; every map does.
    """

    name: str
    score: Callable[[Batch, Arrays], np.ndarray]
    fit: Callable[[], Fitting] | None
    pixel_map: Callable[[Batch, Arrays], np.ndarray] | None
    by_place: bool


def names() -> list[str]:
    """The names of all scores."""
    return plugins.names("scoring/scores")


def load(name: str) -> Score:
    """A score by name.

    Raises:
      UserError: there is no such score.
    """
    module = plugins.load("scoring/scores", name, "score")
    found = {part: getattr(module, part, None) for part in ("Fit", "pixel_map")}
    by_place = getattr(module, "BY_PLACE", False)
    return Score(name, module.score, found["Fit"], found["pixel_map"], by_place)


def possible(in_place: bool) -> dict[str, Score]:
    """All scores that a flow allows, by name.

    Args:
      in_place: whether its terms and latents have places in the image.
    """
    found = {name: load(name) for name in names()}
    return {name: score for name, score in found.items() if in_place or not score.by_place}

"""Scores of images in memory: the numbers of `bin/score`, from Python."""

import os
from collections.abc import Iterable

import numpy as np

from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.scoring import models, scores
from tfflowgan.scoring.measurements import Measure
from tfflowgan.scoring.reference import Reference, from_splits
from tfflowgan.scoring.rows import columns_of, judged

__all__ = ["reference_from", "score_images"]


def score_images(
    model: str | os.PathLike | Flow,
    images: Iterable[np.ndarray],
    score: str | None = None,
    threshold: float = 99.0,
    reference: Reference | None = None,
    draws: int | None = None,
    seed: int | None = None,
    allow_code: bool = False,
) -> dict[str, np.ndarray]:
    """Scores 8-bit images.

    Args:
      model: a run, a SavedModel or a flow.
      images: uint8 `[N, H, W, C]` of the model's shape, or an iterable of `[H, W, C]`, of which one
        batch is held at a time.
      score: the score that decides percentile and flag; None means the one that the reference has
        chosen on made defects, and likelihood without a reference.
      threshold: share of held-out images below the threshold, in percent.
      reference: of a flow, from `reference_from`; a run or SavedModel has its own.
      draws: noise draws per image; None means those of the reference, else 8.
      seed: of the noise; None means that of the reference, else 0.
      allow_code: whether a file of Python code that the run or SavedModel names may be executed.

    Returns:
      Arrays `[N]` by column, as in the table of `bin/score`: "bits_per_dim", "standard_error",
      "percentile", every score but likelihood, which is "bits_per_dim", and "flag". Without a
      reference, what needs one is NaN, and "flag" is None.

    Raises:
      UserError: the model, a setting or the images are not valid.
    """
    if score is not None:
        scores.load(score)
    if not 0.0 < threshold < 100.0:
        raise UserError(f"--threshold={threshold:g} must lie between 0 and 100 (percent).")
    if not isinstance(model, Flow):
        found = models.load(model, draws=draws, seed=seed, allow_code=allow_code)
    else:
        known = (models.DRAWS, 0) if reference is None else (reference.draws, reference.seed)
        given = [b if a is None else a for a, b in zip((draws, seed), known, strict=True)]
        if reference is not None:
            reference.check(model, "reference")
        found = models.Model(Measure(model, *given), reference)
    parts, score = [], found.score(score)
    for batch in found.measure.batches(_checked(images, found.measure.flow.image_shape)):
        parts.append(judged(batch, found, score, threshold))
    if not parts:
        raise UserError("images has no image.")
    names = columns_of(scores.possible(found.measure.in_place))[1:]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def reference_from(
    flow: Flow, train: np.ndarray, held_out: np.ndarray, draws: int = models.DRAWS, seed: int = 0
) -> Reference:
    """What scores of a flow are compared with, from images in memory.

    Args:
      flow: the model.
      train: uint8 `[N, H, W, C]`, what it was trained on.
      held_out: uint8 `[M, H, W, C]`, of the same kind and not trained on.
      draws: noise draws per image.
      seed: of the noise, and of the choice of 2,000 images where there are more.

    Raises:
      UserError: there are no images, or they have another shape than the flow's.
    """
    for name, images in (("train", train), ("held_out", held_out)):
        if not len(images):
            raise UserError(f"{name} has no image.")
        next(_checked(images, flow.image_shape))
    split = Split(held_out)
    splits = Splits("arrays", "given in Python", Split(train), split, split.first(0))
    return from_splits(Measure(flow, draws, seed), splits)


def _checked(images, shape):
    for pixels in images:
        if pixels.dtype != np.uint8 or pixels.shape != tuple(shape):
            raise UserError(
                f"images has an image of type {pixels.dtype} and shape {pixels.shape}; it must be "
                f"uint8 of shape {tuple(shape)}."
            )
        yield pixels

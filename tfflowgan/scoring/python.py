"""Scores of images in memory: the numbers of `bin/score`, from Python."""

import os
from collections.abc import Iterable

import numpy as np

from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.scoring import models, scores
from tfflowgan.scoring.maps import mapped
from tfflowgan.scoring.measurements import Measure
from tfflowgan.scoring.reference import Reference, from_splits
from tfflowgan.scoring.rows import columns_of, judged

__all__ = ["map_images", "reference_from", "score_images"]


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
    found = _model(model, reference, draws, seed, allow_code)
    parts, score = [], found.score(score)
    for batch in found.measure.batches(_checked(images, found.measure.flow.image_shape)):
        parts.append(judged(batch, found, score, threshold))
    if not parts:
        raise UserError("images has no image.")
    names = columns_of(scores.possible(found.measure.in_place))[1:]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def map_images(
    model: str | os.PathLike | Flow,
    images: Iterable[np.ndarray],
    score: str | None = None,
    reference: Reference | None = None,
    allow_code: bool = False,
) -> np.ndarray:
    """Where 8-bit images are unusual: the maps that `bin/score --maps` draws.

    Args:
      model: a run, a SavedModel or a flow.
      images: as for `score_images`.
      score: the score whose maps these are; None means as for `score_images`. A score without maps
        has those of likelihood.
      reference: as for `score_images`.
      allow_code: as for `score_images`.

    Returns:
      Float64 `[N, H, W]`: of likelihood, nats per pixel, whose sum is the image's NLL; of local,
      deviations from what is usual at each place.

    Raises:
      UserError: as for `score_images`; or the flow has layers of the user's own, whose latents have
        no places in the image.
    """
    found = _model(model, reference, None, None, allow_code)
    name = mapped(found.score(score))
    fitted = found.reference.fitted if found.reference else {}
    one = scores.load(name)
    if one.fit is not None and name not in fitted:
        raise UserError(f"--score={name} compares with training images; give their reference.")
    assert one.pixel_map is not None
    shape = found.measure.flow.image_shape
    parts = [
        one.pixel_map(batch, fitted.get(name, {}))
        for batch in found.measure.batches(_checked(images, shape))
    ]
    return np.concatenate(parts) if parts else np.zeros((0, *shape[:2]))


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


def _model(model, reference, draws, seed, allow_code):
    if not isinstance(model, Flow):
        return models.load(model, draws=draws, seed=seed, allow_code=allow_code)
    if reference is None:
        return models.Model(
            Measure(model, models.DRAWS if draws is None else draws, seed or 0), None
        )
    for name, value, known in (("draws", draws, reference.draws), ("seed", seed, reference.seed)):
        if value not in (None, known):
            raise UserError(f"{name}={value} differs from {known}, that of the reference.")
    reference.check(model, "reference")
    return models.Model(Measure(model, reference.draws, reference.seed), reference)


def _checked(images, shape):
    for pixels in images:
        if not isinstance(pixels, np.ndarray):
            raise UserError(f"images has an image of type {type(pixels).__name__}, no NumPy array.")
        if pixels.dtype != np.uint8 or pixels.shape != tuple(shape):
            raise UserError(
                f"images has an image of type {pixels.dtype} and shape {pixels.shape}; it must be "
                f"uint8 of shape {tuple(shape)}."
            )
        yield pixels

"""Datasets: real images as `Splits` of `uint8`, and every batch that is made of them.

The same images make the same splits whatever source they come from. Batches are functions of (seed,
step), so training resumes anywhere with the very same numbers.
"""

import logging
from typing import Any

from tfflowgan import own_code, plugins
from tfflowgan.datasets._binary_batches import binary_batches, binary_images, encoder_noise
from tfflowgan.datasets._critic_batches import CriticDraw, critic_draws, critic_updates
from tfflowgan.datasets._evaluation_batches import (
    EVALUATION_BLOCK,
    evaluation_batches,
    evaluation_noise_seed,
)
from tfflowgan.datasets._independent_critic_batches import (
    Draw,
    each_once,
    from_generator,
    with_replacement,
)
from tfflowgan.datasets._labelled_batches import labelled_batches
from tfflowgan.datasets._latents import LatentDraw, latents_at, prior_draws
from tfflowgan.datasets._rounds import round_draws, rounds
from tfflowgan.datasets._seeds import (
    BURST,
    CRITIC_GENERATED,
    CRITIC_REAL,
    INDEPENDENT,
    READING,
    READING_GENERATED,
    READING_REAL,
)
from tfflowgan.datasets._sources import SOURCES, Request
from tfflowgan.datasets._splits import Split, Splits, check_splits, hold_out, splits_from
from tfflowgan.datasets._training_batches import training_batches
from tfflowgan.errors import UserError
from tfflowgan.images.folder import FRAMES
from tfflowgan.plugins import Choice

__all__ = [
    "BURST",
    "CRITIC_GENERATED",
    "CRITIC_REAL",
    "EVALUATION_BLOCK",
    "INDEPENDENT",
    "READING",
    "READING_GENERATED",
    "READING_REAL",
    "SOURCES",
    "CriticDraw",
    "Draw",
    "LatentDraw",
    "Request",
    "Split",
    "Splits",
    "binary_batches",
    "binary_images",
    "critic_draws",
    "critic_updates",
    "each_once",
    "encoder_noise",
    "evaluation_batches",
    "evaluation_noise_seed",
    "flips_in_training",
    "from_generator",
    "hold_out",
    "labelled_batches",
    "latents_at",
    "licence",
    "load",
    "load_recorded",
    "prior_draws",
    "round_draws",
    "rounds",
    "splits_from",
    "training_batches",
    "with_replacement",
]

_log = logging.getLogger(__name__)


def load(
    name: Choice,
    data_dir: str | None = None,
    data_source: str = "auto",
    image_size: int | None = None,
    frames: str = "all",
    **options: Any,
) -> Splits:
    """Loads a dataset.

    Args:
      name: one of `tfflowgan.plugins.names("datasets")`, `FILE.py:FUNCTION` or a function of a
        `Request` that returns `Splits`.
      data_dir: a folder with the dataset's original files (or the folder above it), or a prepared
        TFDS folder.
      data_source: "auto" tries local, prepared, download and embedded in this order; any of these
        names forces it.
      image_size: height and width to crop and resize to, for datasets of free size.
      frames: "all" frames of a file that holds several, or "refuse" such files, for image folders.
      **options: of a dataset of the user's own.

    Returns:
      The splits; `source` says where the images came from.

    Raises:
      UserError: no source has the images, or a file is missing, damaged or of the wrong size.
    """
    function = plugins.function("datasets", name, "dataset", "load")
    title = plugins.title(name)
    if data_source not in SOURCES:
        raise UserError(
            f"--data_source={data_source} is not known; it can be {', '.join(SOURCES)}."
        )
    any_size = plugins.attribute("datasets", name, "dataset", "ANY_SIZE", False)
    if image_size is not None and not any_size:
        raise UserError(
            f"--image_size={image_size} does not apply to --dataset={title}, whose images have a "
            "size of their own."
        )
    if image_size is not None and image_size < 2:
        raise UserError(f"--image_size={image_size} must be at least 2.")
    if frames not in FRAMES:
        raise UserError(f"--frames={frames} is not known; it can be {', '.join(FRAMES)}.")
    if frames != "all" and not plugins.attribute("datasets", name, "dataset", "FRAMES", False):
        raise UserError(
            f"--frames={frames} does not apply to --dataset={title}, which has no such files."
        )
    request = Request(own_code.label(title), data_dir, data_source, image_size, frames)
    splits = function(request, **options)
    check_splits(splits, title)
    return splits


def load_recorded(
    fingerprint: str | None, limit: int | None, name: Choice, *arguments: Any, **options: Any
) -> Splits:
    """Loads the images of a run again, although an earlier version may have read them otherwise.

    Args:
      fingerprint: of the images that the run has recorded, None if it has not recorded any.
      limit: how many images of each split it uses, None for all.
      name: see `load`.
      *arguments: of `load`.
      **options: of `load`.

    Returns:
      The splits as this version reads them. If they are not the recorded ones, but what version
      0.1.0 read in the same place is, then those.

    Raises:
      UserError: as `load` does.
    """
    request = Request(plugins.title(name), *arguments)
    try:
        splits = load(name, *arguments, **options).first(limit)
    except UserError:
        former = _formerly(name, request, limit, fingerprint)
        if former is None:
            raise
        return former
    if fingerprint is None or splits.provenance()["fingerprint"] == fingerprint:
        return splits
    return _formerly(name, request, limit, fingerprint) or splits


def _formerly(name, request, limit, fingerprint):
    """The splits as version 0.1.0 read them, if they are those of a fingerprint."""
    load_formerly = plugins.attribute("datasets", name, "dataset", "load_formerly", None)
    if load_formerly is None or fingerprint is None:
        return None
    try:
        splits = load_formerly(request).first(limit)
    except UserError:
        return None
    if splits.provenance()["fingerprint"] != fingerprint:
        return None
    _log.warning(
        "%s is read as version 0.1.0 did, because that is how the run began; a new --run reads its "
        "images as this version does.",
        splits.source,
    )
    return splits


def flips_in_training(name: Choice) -> bool:
    """Whether the papers flip this dataset's images left to right at random in training."""
    return plugins.attribute("datasets", name, "dataset", "FLIPS", False)


def licence(name: Choice) -> str:
    """What this dataset's authors allow, as far as they state it."""
    return plugins.attribute("datasets", name, "dataset", "LICENCE", "that of the images given")

"""Datasets: real images as `Splits` of `uint8`, and every batch that is made of them.

The same images make the same splits whatever source they come from. Batches are functions of (seed,
step), so training resumes anywhere with the very same numbers.
"""

import logging

from tfflowgan import plugins
from tfflowgan.datasets._binary_batches import binary_batches, binary_images, encoder_noise
from tfflowgan.datasets._critic_batches import CriticDraw, critic_draws, critic_updates
from tfflowgan.datasets._evaluation_batches import EVALUATION_BLOCK, evaluation_batches
from tfflowgan.datasets._independent_critic_batches import (
    Draw,
    each_once,
    from_generator,
    with_replacement,
)
from tfflowgan.datasets._labelled_batches import labelled_batches
from tfflowgan.datasets._latents import LatentDraw, latent_batches, prior_draws
from tfflowgan.datasets._rounds import rounds
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
from tfflowgan.datasets._splits import Split, Splits
from tfflowgan.datasets._training_batches import training_batches
from tfflowgan.errors import UserError
from tfflowgan.images.folder import FRAMES

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
    "Split",
    "Splits",
    "binary_batches",
    "binary_images",
    "critic_draws",
    "critic_updates",
    "each_once",
    "encoder_noise",
    "evaluation_batches",
    "flips_in_training",
    "from_generator",
    "labelled_batches",
    "latent_batches",
    "licence",
    "load",
    "prior_draws",
    "rounds",
    "training_batches",
    "with_replacement",
]

_log = logging.getLogger(__name__)


def load(
    name: str,
    data_dir: str | None = None,
    data_source: str = "auto",
    image_size: int | None = None,
    frames: str = "all",
    limit: int | None = None,
    fingerprint: str | None = None,
) -> Splits:
    """Loads a dataset.

    Args:
      name: one of `tfflowgan.plugins.names("datasets")`.
      data_dir: a folder with the dataset's original files (or the folder above it), or a prepared
        TFDS folder.
      data_source: "auto" tries local, prepared, download and embedded in this order; any of these
        names forces it.
      image_size: height and width to crop and resize to, for datasets of free size.
      frames: "all" frames of a file that holds several, or "refuse" such files, for image folders.
      limit: take only the first images of each split, this many of them.
      fingerprint: of the images that a run has recorded. Where version 0.1.0 read the same files as
        other images, and they are these, they are what is given.

    Returns:
      The splits; `source` says where the images came from.

    Raises:
      UserError: no source has the images, or a file is missing, damaged or of the wrong size.
    """
    module = plugins.load("datasets", name, "dataset")
    if data_source not in SOURCES:
        raise UserError(
            f"--data_source={data_source} is not known; it can be {', '.join(SOURCES)}."
        )
    if image_size is not None and not getattr(module, "ANY_SIZE", False):
        raise UserError(
            f"--image_size={image_size} does not apply to --dataset={name}, whose images have a "
            "size of their own."
        )
    if image_size is not None and image_size < 2:
        raise UserError(f"--image_size={image_size} must be at least 2.")
    if frames not in FRAMES:
        raise UserError(f"--frames={frames} is not known; it can be {', '.join(FRAMES)}.")
    if frames != "all" and not getattr(module, "FRAMES", False):
        raise UserError(
            f"--frames={frames} does not apply to --dataset={name}, which has no such files."
        )
    request = Request(name, data_dir, data_source, image_size, frames)
    try:
        splits = module.load(request).first(limit)
    except UserError:
        former = fingerprint and _formerly(module, request, limit, fingerprint)
        if not former:
            raise
        return former
    if fingerprint is None or splits.provenance()["fingerprint"] == fingerprint:
        return splits
    return _formerly(module, request, limit, fingerprint) or splits


def _formerly(module, request, limit, fingerprint):
    """The splits as version 0.1.0 read them, if they are those of a fingerprint."""
    if not hasattr(module, "load_formerly"):
        return None
    try:
        splits = module.load_formerly(request).first(limit)
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


def flips_in_training(name: str) -> bool:
    """Whether the papers flip this dataset's images left to right at random in training."""
    return getattr(plugins.load("datasets", name, "dataset"), "FLIPS", False)


def licence(name: str) -> str:
    """What this dataset's authors allow, as far as they state it."""
    return getattr(plugins.load("datasets", name, "dataset"), "LICENCE", "that of the images given")

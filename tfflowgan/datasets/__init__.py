"""Datasets: real images as `Splits` of `uint8`, the same splits from whatever source the images come."""

from tfflowgan import plugins
from tfflowgan.datasets._pipeline import (
    EVALUATION_BLOCK,
    critic_draws,
    critic_updates,
    evaluation_batches,
    latent_batches,
    training_batches,
)
from tfflowgan.datasets._rounds import BURST, INDEPENDENT, READING, prior_draws, rounds
from tfflowgan.datasets._sources import SOURCES, Request
from tfflowgan.datasets._splits import Split, Splits
from tfflowgan.errors import UserError

__all__ = [
    "BURST",
    "EVALUATION_BLOCK",
    "INDEPENDENT",
    "READING",
    "SOURCES",
    "Split",
    "Splits",
    "critic_draws",
    "critic_updates",
    "evaluation_batches",
    "flips_in_training",
    "latent_batches",
    "licence",
    "load",
    "prior_draws",
    "rounds",
    "training_batches",
]


def load(name: str, data_dir: str | None = None, data_source: str = "auto", image_size: int | None = None) -> Splits:
    """Loads a dataset.

    Args:
      name: one of `tfflowgan.plugins.names("datasets")`.
      data_dir: a folder with the dataset's original files (or the folder above it), or a prepared TFDS folder.
      data_source: "auto" tries local, prepared, download and embedded in this order; any of these names forces it.
      image_size: height and width to crop and resize to, for datasets of free size.

    Returns:
      The splits; `source` says where the images came from.

    Raises:
      UserError: no source has the images, or a file is missing, damaged or of the wrong size.
    """
    module = plugins.load("datasets", name, "dataset")
    if data_source not in SOURCES:
        raise UserError(f"--data_source={data_source} is not known; it can be {', '.join(SOURCES)}.")
    if image_size is not None and not getattr(module, "ANY_SIZE", False):
        raise UserError(f"--image_size does not apply to --dataset={name}, whose images have a size of their own.")
    if image_size is not None and image_size < 2:
        raise UserError(f"--image_size={image_size} must be at least 2.")
    return module.load(Request(name, data_dir, data_source, image_size))


def flips_in_training(name: str) -> bool:
    """Whether the papers flip this dataset's images left to right at random in training."""
    return getattr(plugins.load("datasets", name, "dataset"), "FLIPS", False)


def licence(name: str) -> str:
    """What this dataset's authors allow, as far as they state it."""
    return getattr(plugins.load("datasets", name, "dataset"), "LICENCE", "that of the images given")

"""The images that an evaluation uses."""

from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator

__all__ = ["chosen_split"]

_NAMES = ("train", "validation", "test")


def chosen_split(
    generator: Generator, splits: Splits, name: str, limit: int | None = None
) -> Split:
    """The first images of one split.

    Args:
      generator: the model that the images must fit.
      splits: uint8 images.
      name: "train", "validation" or "test".
      limit: how many images, or None for all.

    Raises:
      UserError: there is no such split, or the images do not have the generator's shape.
    """
    if name not in _NAMES:
        raise UserError(f"--split={name} is not known; it can be {', '.join(_NAMES)}.")
    if splits.image_shape != generator.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{generator.image_shape}."
        )
    return getattr(splits, name).first(limit)

"""Critics: Keras models from images to scores `[B]`, one architecture per file."""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

import keras

from tfflowgan import plugins
from tfflowgan.critics._conditional import ConditionalCritic, condition_on
from tfflowgan.errors import UserError
from tfflowgan.plugins import Part

__all__ = ["ConditionalCritic", "build", "check_norm", "choose", "condition_on", "options"]


def options(name: str, penalized: bool = False) -> dict[str, Any]:
    """What a critic can be asked for: its options with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      penalized: under a gradient penalty, where the default normalization is another one.
    """
    own = plugins.options("critics", name, "critic")
    if penalized:
        own["norm"] = plugins.load("critics", name, "critic").PENALISED_NORM
    return {option: own[option] for option in ("width", "norm")}


def choose(name: str, penalized: bool, chosen: dict[str, Any]) -> Part:
    """A critic with the given options; the others have their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      penalized: whether its adversary has a gradient penalty.
      chosen: "width", "norm".

    Raises:
      UserError: there is no such critic, or its normalization does not go with the penalty.
    """
    part = Part("critics", "critic", name, options(name, penalized) | chosen)
    check_norm(part.options["norm"], penalized)
    return part


def build(
    name: str,
    image_shape: tuple[int, int, int],
    norm: str | None = None,
    width: int | None = None,
    penalized: bool = False,
    dtype: str = "float32",
) -> keras.Model:
    """Builds a critic by name.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      image_shape: `(H, W, C)`, any size.
      norm: "batch", "layer" or "none"; None is the architecture's own.
      width: of its first layers; None is the architecture's own.
      penalized: whether its adversary has a gradient penalty.
      dtype: of its weights.

    Raises:
      UserError: there is no such critic, or its normalization does not go with the penalty.
    """
    given = {"norm": norm, "width": width}
    chosen = {option: value for option, value in given.items() if value is not None}
    return choose(name, penalized, chosen).build(tuple(image_shape), dtype=dtype)


def check_norm(norm: str, penalized: bool) -> None:
    """Raises `UserError` if a normalization is unknown or incompatible with a gradient penalty."""
    if norm not in ("batch", "layer", "none"):
        raise UserError(f"--critic_norm={norm} is not known; it can be batch, layer, none.")
    if penalized and norm == "batch":
        raise UserError(
            "--critic_norm=batch cannot be combined with a gradient penalty, which needs scores "
            "that do not depend on the rest of the batch; use --critic_norm=layer or none."
        )

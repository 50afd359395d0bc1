"""Critics: Keras models from images to scores `[B]`, one architecture per file."""

from typing import Any

import keras

from tfflowgan import plugins
from tfflowgan.critics._conditional import ConditionalCritic, condition_on
from tfflowgan.errors import UserError

__all__ = ["ConditionalCritic", "build", "check_norm", "condition_on", "options"]


def options(name: str, penalised: bool = False) -> dict[str, Any]:
    """Returns a critic's options: the keyword arguments of its `build` with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      penalised: return the defaults for training with a gradient penalty, which differ in "norm".
    """
    known = plugins.options("critics", name, "critic")
    if penalised:
        known["norm"] = plugins.load("critics", name, "critic").PENALISED_NORM
    return known


def build(
    name: str,
    image_shape: tuple[int, int, int],
    norm: str | None = None,
    width: int | None = None,
    penalised: bool = False,
    dtype: str = "float32",
) -> keras.Model:
    """Builds a critic by name.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      image_shape: `(H, W, C)`, any size.
      norm: "batch", "layer" or "none"; None means the architecture's default.
      width: channels of the first layers; None means the architecture's default.
      penalised: whether the critic will be trained with a gradient penalty.
      dtype: "float32" or "float64".

    Returns:
      A new Keras model from images `[B, H, W, C]` in [0, 1] to scores `[B]`, to be called with
        `training=True` always.

    Raises:
      UserError: there is no such critic or normalisation, or `norm` is "batch" with a gradient
        penalty.
    """
    known = options(name, penalised)
    norm, width = norm or known["norm"], width or known["width"]
    check_norm(norm, penalised)
    module = plugins.load("critics", name, "critic")
    return module.build(tuple(image_shape), width=width, norm=norm, dtype=dtype)


def check_norm(norm: str, penalised: bool) -> None:
    """Raises `UserError` if a normalisation is unknown or incompatible with a gradient penalty."""
    if norm not in ("batch", "layer", "none"):
        raise UserError(f"--critic_norm={norm} is not known; it can be batch, layer, none.")
    if penalised and norm == "batch":
        raise UserError(
            "--critic_norm=batch cannot be combined with a gradient penalty, which needs scores "
            "that do not depend on the rest of the batch; use --critic_norm=layer or none."
        )

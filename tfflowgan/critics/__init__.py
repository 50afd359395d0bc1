"""Critics: Keras models from images to scores `[B]`, one architecture a file."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

import keras

from tfflowgan import plugins
from tfflowgan.critics._conditional import ConditionalCritic, condition_on
from tfflowgan.errors import UserError

__all__ = ["ConditionalCritic", "build", "check_norm", "condition_on", "options"]


def options(name: str, penalised: bool = False) -> dict:
    """What a critic can be asked for: its `build`'s keyword arguments with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      penalised: under a gradient penalty, where the default normalisation is another one.
    """
    own = plugins.options("critics", name, "critic")
    return own | ({"norm": plugins.load("critics", name, "critic").PENALISED_NORM} if penalised else {})


def build(
    name: str,
    image_shape: tuple[int, int, int],
    norm: str | None = None,
    width: int | None = None,
    penalised=False,
    dtype="float32",
) -> keras.Model:
    """Builds a critic by name.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`.
      image_shape: `(H, W, C)`, any size.
      norm: "batch", "layer" or "none"; None is the architecture's own.
      width: channels of its first layers; None is the architecture's own.
      penalised: the critic will be trained with a gradient penalty.
      dtype: "float32" or "float64".

    Returns:
      A new Keras model from images `[B, H, W, C]` in [0, 1] to scores `[B]`, always called with `training=True`.

    Raises:
      UserError: no such critic or normalisation, or batch normalisation under a gradient penalty.
    """
    known = options(name, penalised)
    norm, width = norm or known["norm"], width or known["width"]
    check_norm(norm, penalised)
    return plugins.load("critics", name, "critic").build(tuple(image_shape), width=width, norm=norm, dtype=dtype)


def check_norm(norm: str, penalised: bool) -> None:
    """Raises `UserError` where a normalisation is unknown or does not go with a gradient penalty."""
    if norm not in ("batch", "layer", "none"):
        raise UserError(f"--critic_norm={norm} is not known; it can be batch, layer, none.")
    if penalised and norm == "batch":
        raise UserError(
            "--critic_norm=batch does not go with a gradient penalty: it makes an image's score depend on its neighbours, "
            "and the penalty is on single images; --critic_norm=layer does."
        )

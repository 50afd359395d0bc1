"""Critics: Keras models from images to scores `[B]`, one architecture per file."""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

import keras

from tfflowgan import own_code, plugins
from tfflowgan.critics._conditional import ConditionalCritic, condition_on
from tfflowgan.errors import UserError
from tfflowgan.plugins import Choice, Part

__all__ = ["ConditionalCritic", "build", "build_part", "check_norm", "choose", "condition_on"]
__all__ += ["options"]


def options(name: Choice, penalized: bool = False) -> dict[str, Any]:
    """What a critic can be asked for: its options with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`, `FILE.py:FUNCTION` or a function.
      penalized: under a gradient penalty, where the default normalization is another one.
    """
    own = plugins.options("critics", name, "critic")
    if penalized and "norm" in own:
        own["norm"] = plugins.attribute("critics", name, "critic", "PENALIZED_NORM", own["norm"])
    if callable(name) or own_code.is_code(name):
        return {option: value for option, value in own.items() if option != "dtype"}
    return {option: own[option] for option in ("width", "norm")}


def choose(name: Choice, penalized: bool, chosen: dict[str, Any]) -> Part:
    """A critic with the given options; the others have their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`, `FILE.py:FUNCTION` or a function.
      penalized: whether its adversary has a gradient penalty.
      chosen: "width", "norm", or an option of the user's own.

    Raises:
      UserError: there is no such critic or option, or its normalization does not go with the
        penalty.
    """
    known = options(name, penalized)
    named = {f"critic_{option}": value for option, value in chosen.items()}
    flags = {f"critic_{option}": value for option, value in known.items()}
    plugins.refuse_unknown(named, flags, f"--critic={plugins.title(name)}")
    part = Part("critics", "critic", name, known | chosen)
    if "norm" in known:
        check_norm(part.options["norm"], penalized)
    return part


def build(
    name: Choice,
    image_shape: tuple[int, int, int],
    norm: str | None = None,
    width: int | None = None,
    penalized: bool = False,
    dtype: str = "float32",
    **own: Any,
) -> keras.Model:
    """Builds a critic by name.

    Args:
      name: one of `tfflowgan.plugins.names("critics")`, `FILE.py:FUNCTION`, whose file is then
        executed, or a function of the image shape that returns a Keras model.
      image_shape: `(H, W, C)`, any size.
      norm: "batch", "layer" or "none"; None is the architecture's own.
      width: of its first layers; None is the architecture's own.
      penalized: whether its adversary has a gradient penalty.
      dtype: of its weights, or a dtype policy such as "mixed_bfloat16".
      **own: further options of a critic of the user's own.

    Raises:
      UserError: there is no such critic or option, or its normalization does not go with the
        penalty.
    """
    given = {"norm": norm, "width": width}
    chosen = {option: value for option, value in given.items() if value is not None} | own
    with own_code.consent([name]):
        return build_part(choose(name, penalized, chosen), image_shape, dtype)


def build_part(part: Part, image_shape: tuple[int, int, int], dtype: str) -> keras.Model:
    """Builds a critic.

    Args:
      part: the critic with all its options.
      image_shape: `(H, W, C)`.
      dtype: of its weights, or a dtype policy such as "mixed_bfloat16"; a function of the user's
        own gets it if it takes it.

    Raises:
      UserError: the user's own function returns no Keras model from images to scores `[B]`.
    """
    critic = part.build(tuple(image_shape), dtype=dtype)
    if callable(part.name) or own_code.is_code(part.name):
        _check(critic, image_shape, dtype, f"--critic={plugins.title(part.name)}")
    return critic


def _check(critic, image_shape, dtype, what):
    found = f"a value of type {type(critic).__name__}"
    if isinstance(critic, keras.Model):
        images = keras.Input(image_shape, dtype=keras.dtype_policies.get(dtype).variable_dtype)
        scores = critic(images)  # makes its weights too
        if tuple(scores.shape) == (None,):
            return
        found = f"one with outputs {list(scores.shape)}"
    raise UserError(
        f"{what} must return a Keras model from images [B, {', '.join(map(str, image_shape))}] to "
        f"scores [B]; it returned {found}."
    )


def check_norm(norm: str, penalized: bool) -> None:
    """Raises `UserError` if a normalization is unknown or incompatible with a gradient penalty."""
    if norm not in ("batch", "layer", "none"):
        raise UserError(f"--critic_norm={norm} is not known; it can be batch, layer, none.")
    if penalized and norm == "batch":
        raise UserError(
            "--critic_norm=batch cannot be combined with a gradient penalty, which needs scores "
            "that do not depend on the rest of the batch; use --critic_norm=layer or none."
        )

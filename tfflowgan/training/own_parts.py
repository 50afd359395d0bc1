"""Critics and objectives that a program gives as Python objects.

Objects are used as they are, and the configuration names a stand-in of the same kind. For a run
on disk, a function of a file is named by that file, as on the command line, so that the run records
it.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras

from tfflowgan import objectives, own_code, plugins
from tfflowgan.config import format_options
from tfflowgan.errors import ArgumentError
from tfflowgan.objectives import Objective

__all__ = ["NO_PARTS", "OwnParts", "take_own_parts"]


@dataclasses.dataclass(frozen=True)
class OwnParts:
    """Parts that no name describes.

    Attributes:
      objective: in place of the configuration's; None to build that one.
      critic: a critic, or a function from the image shape to one, in place of the configuration's.
    """

    objective: Objective | None = None
    critic: keras.Model | Callable[..., keras.Model] | None = None


NO_PARTS = OwnParts()


def take_own_parts(settings: dict[str, Any], kept: bool) -> tuple[dict[str, Any], OwnParts]:
    """Parts the settings that are Python objects from those that are names and values.

    Args:
      settings: of `tfflowgan.fit`. "objective" may be an `Objective` or a function that returns
        one, "critic" a Keras model or a function of the image shape that returns one, "options" a
        dictionary.
      kept: whether the run is to be on disk, where only names can be recorded.

    Returns:
      The settings with names in place of objects, and the objects.

    Raises:
      ArgumentError: an object is of another kind, or cannot be recorded.
    """
    settings = dict(settings)
    if isinstance(settings.get("options"), dict):
        settings["options"] = format_options(settings["options"])
    objective, critic = settings.get("objective"), settings.get("critic")
    for name in ("objective", "adversary", "critic") if kept else ():
        settings[name] = _name(settings.get(name))
    unnamed = [
        name
        for name in ("objective", "adversary", "critic")
        if not isinstance(settings.get(name), str | None)
    ]
    if unnamed and kept:
        raise ArgumentError(
            f"run is for parts that commands can build again, and no file holds this {unnamed[0]}; "
            "put its function into a file, or leave run out."
        )
    if "adversary" in unnamed:
        raise ArgumentError(
            f"adversary={settings['adversary']!r} must be a name or a function of a file; give "
            "an objective of your own in its place."
        )
    if "objective" in unnamed:
        objective = _built(objective)
        settings["objective"] = _stand_in(objective)
    if "critic" in unnamed:
        if not callable(critic):
            raise ArgumentError(
                f"critic is a {type(critic).__name__} but must be a name, a Keras model or a "
                "function of the image shape that returns one."
            )
        _check_precision(critic, settings.get("critic_dtype"))
        del settings["critic"]
    return settings, OwnParts(
        objective if "objective" in unnamed else None,
        None if critic is None or isinstance(critic, str) else critic,
    )


def _check_precision(critic, dtype):
    """Refuses a precision that a critic would not take."""
    if dtype is None:
        return
    if isinstance(critic, keras.Model):
        raise ArgumentError(
            f"critic_dtype={dtype!r} does not apply to a critic that is built already; build it "
            "with this dtype policy, or give a function of the image shape that takes dtype."
        )
    if "dtype" not in plugins.options("critics", critic, "critic"):
        raise ArgumentError(
            f"critic_dtype={dtype!r} does not apply to this critic, whose function does not take "
            "dtype."
        )


def _name(value):
    """The name of a function of a file, but not of the program itself, which would run again."""
    if not callable(value) or isinstance(value, keras.Model):
        return value
    named = own_code.name_of(value)
    return value if named is None or value.__module__ == "__main__" else named


def _built(objective):
    if callable(objective):
        objective = objectives.build(objective)
    if not isinstance(objective, Objective):
        raise ArgumentError(
            f"objective is a {type(objective).__name__} but must be a name, an Objective or a "
            "function that returns one."
        )
    return objective


def _stand_in(objective):
    """The name of an objective that needs the same other settings."""
    if objective.adversary is None:
        return "mle"
    if objective.nll_weight:
        return "hybrid"
    return "wgan_gp" if objective.adversary.penalizes_gradients else "wgan"

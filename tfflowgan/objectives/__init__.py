"""Training objectives of generators, one per file.

Losses are means over a replica's part of the batch; only `tfflowgan.training` scales them.
"""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import own_code, plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives._adversary import GENERATOR_LOSSES, Adversary, FDivergence
from tfflowgan.objectives._objective import Objective
from tfflowgan.plugins import Choice, Part

__all__ = [
    "GENERATOR_LOSSES",
    "Adversary",
    "FDivergence",
    "Objective",
    "build",
    "build_part",
    "choose",
    "options",
]


def options(name: Choice, adversary: str | None = None) -> dict[str, Any]:
    """Returns an objective's options: the keyword arguments of its `build` with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`, `FILE.py:FUNCTION` or a function.
      adversary: the adversary of `hybrid`, whose options are options of the hybrid as well.
    """
    known = plugins.options("objectives", name, "objective")
    if name == "hybrid":
        known |= {"adversary": adversary or known["adversary"]}
        known = options(known["adversary"]) | known
    return known


def choose(name: Choice, chosen: dict) -> Part:
    """An objective with the given options; the others have their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`, `FILE.py:FUNCTION` or a function.
      chosen: options by name (see `options`).

    Raises:
      UserError: there is no such objective or option.
    """
    known = options(name, chosen.get("adversary"))
    inside = f" with --adversary={known['adversary']}" if name == "hybrid" else ""
    plugins.refuse_unknown(chosen, known, f"--objective={plugins.title(name)}{inside}")
    return Part("objectives", "objective", name, known | chosen)


def build(name: Choice, **chosen: Any) -> Objective:
    """Builds an objective by name.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`, `FILE.py:FUNCTION`, whose file is then
        executed, or a function that returns an `Objective`.
      **chosen: its options (see `options`).

    Raises:
      UserError: there is no such objective or option, or a value is out of range.
    """
    with own_code.consent([name, *chosen.values()]):
        return build_part(choose(name, chosen))


def build_part(part: Part) -> Objective:
    """Builds an objective.

    Raises:
      UserError: a value is out of range, or the user's own function returns no objective.
    """
    objective = part.build()
    if not isinstance(objective, Objective):
        raise UserError(
            f"--objective={plugins.title(part.name)} must return an Objective of "
            f"tfflowgan.objectives; it returned a value of type {type(objective).__name__}."
        )
    return objective

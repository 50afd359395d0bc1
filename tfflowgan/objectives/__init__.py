"""Training objectives of generators, one per file.

Losses are means over a replica's part of the batch; only `tfflowgan.training` scales them.
"""

from typing import Any

from tfflowgan import plugins
from tfflowgan.objectives._adversary import GENERATOR_LOSSES, Adversary, FDivergence
from tfflowgan.objectives._objective import Objective
from tfflowgan.plugins import Part

__all__ = ["GENERATOR_LOSSES", "Adversary", "FDivergence", "Objective", "build", "choose"]
__all__ += ["options"]


def options(name: str, adversary: str | None = None) -> dict[str, Any]:
    """Returns an objective's options: the keyword arguments of its `build` with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      adversary: the adversary of `hybrid`, whose options are options of the hybrid as well.
    """
    known = plugins.options("objectives", name, "objective")
    if "adversary" in known:
        known |= {"adversary": adversary or known["adversary"]}
        known |= options(known["adversary"])
    return known


def choose(name: str, chosen: dict) -> Part:
    """An objective with the given options; the others have their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      chosen: options by name (see `options`).

    Raises:
      UserError: there is no such objective or option.
    """
    known = options(name, chosen.get("adversary"))
    inside = f" with --adversary={known['adversary']}" if "adversary" in known else ""
    plugins.refuse_unknown(chosen, known, f"--objective={name}{inside}")
    return Part("objectives", "objective", name, known | chosen)


def build(name: str, **chosen: Any) -> Objective:
    """Builds an objective by name.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      **chosen: its options (see `options`).

    Raises:
      UserError: there is no such objective or option, or a value is out of range.
    """
    return choose(name, chosen).build()

"""Training objectives of generators, one per file.

Losses are means over a replica's part of the batch; only `tfflowgan.training` scales them.
"""

from typing import Any

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives._adversary import GENERATOR_LOSSES, Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["GENERATOR_LOSSES", "Adversary", "Objective", "build", "options"]


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


def build(name: str, **chosen: Any) -> Objective:
    """Builds an objective by name.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      **chosen: its options (see `options`).

    Raises:
      UserError: there is no such objective or option, or a value is out of range.
    """
    known = options(name, chosen.get("adversary"))
    for key in chosen:
        if key not in known:
            takes = f"which takes {', '.join(known)}" if known else "which takes no options"
            raise UserError(f"--{key} does not apply to --objective={name}, {takes}.")
    return plugins.load("objectives", name, "objective").build(**known | chosen)

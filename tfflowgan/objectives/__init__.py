"""Objectives: what a generator is trained for. One a file; each returns per-replica means, which the model alone scales."""

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives._adversary import GENERATOR_LOSSES, Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["GENERATOR_LOSSES", "Adversary", "Objective", "build", "options"]


def options(name: str, adversary: str | None = None) -> dict:
    """What an objective can be asked for: its keyword arguments with their defaults.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      adversary: the one inside `hybrid`, whose options are the hybrid's too.
    """
    own = plugins.options("objectives", name, "objective")
    if "adversary" in own:
        own |= {"adversary": adversary or own["adversary"]}
        own |= options(own["adversary"])
    return own


def build(name: str, **chosen) -> Objective:
    """Builds an objective by name.

    Args:
      name: one of `tfflowgan.plugins.names("objectives")`.
      **chosen: its options (see `options`).

    Raises:
      UserError: no such objective or option, or a value it does not take.
    """
    known = options(name, chosen.get("adversary"))
    for key in chosen:
        if key not in known:
            takes = f"which takes {', '.join(known)}" if known else "which takes no options"
            raise UserError(f"--{key} does not apply to --objective={name}, {takes}.")
    return plugins.load("objectives", name, "objective").build(**known | chosen)

"""Objectives: what a generator is trained for. One a file; each returns per-replica means, which the model alone scales."""

from typing import Any

from tfflowgan import plugins
from tfflowgan.objectives._adversary import GENERATOR_LOSSES, Adversary
from tfflowgan.objectives._objective import Objective
from tfflowgan.plugins import Part

__all__ = ["GENERATOR_LOSSES", "Adversary", "Objective", "build", "choose", "options"]


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
      UserError: no such objective or option, or a value it does not take.
    """
    return choose(name, chosen).build()

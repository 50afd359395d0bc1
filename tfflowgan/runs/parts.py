"""The parts that a configuration asks for, each with a value for every option.

Everything is built from these, and `tfflowgan.training.resolve` writes the same values into the
configuration. A setting that a chosen part does not have is refused here.
"""

from typing import Any

from tfflowgan import critics, objectives, plugins
from tfflowgan.config import CRITIC_FIELDS, FLOW_FIELDS, OBJECTIVE_FIELDS, Config, fallback
from tfflowgan.errors import UserError
from tfflowgan.objectives import Adversary
from tfflowgan.plugins import Part

__all__ = [
    "critic_part",
    "generator_part",
    "objective_part",
    "refuse_critic_settings",
    "set_options",
]


def generator_part(config: Config) -> Part:
    """The flow, or the generator without a density.

    Raises:
      UserError: a setting is given that it does not have.
    """
    chosen = set_options(config, FLOW_FIELDS)
    if config.generator:
        return plugins.choose("generators", config.generator, "generator", chosen)
    return plugins.choose("flows", config.flow or fallback("flow"), "flow", chosen)


def objective_part(config: Config) -> Part:
    """The objective, with the options of the adversary inside.

    Raises:
      UserError: a setting is given that it does not have.
    """
    return objectives.choose(config.objective, set_options(config, OBJECTIVE_FIELDS))


def refuse_critic_settings(config: Config) -> None:
    """Raises `UserError` if a critic's setting is given to an objective without an adversary."""
    for name in set_options(config, CRITIC_FIELDS):
        raise UserError(
            f"--{name} does not apply to --objective={config.objective}, which has no critic."
        )


def critic_part(config: Config, adversary: Adversary) -> Part:
    """The critic, with the normalization that goes with the adversary.

    Raises:
      UserError: a setting is given that does not go with the adversary.
    """
    given = {"width": config.critic_width, "norm": config.critic_norm}
    chosen = {name: value for name, value in given.items() if value is not None}
    name = config.critic or fallback("critic")
    return critics.choose(name, adversary.penalises_gradients, chosen)


def set_options(config: Config, names: tuple[str, ...]) -> dict[str, Any]:
    """The settings among `names` that are not None."""
    return {name: getattr(config, name) for name in names if getattr(config, name) is not None}

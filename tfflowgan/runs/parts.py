"""The parts that a configuration asks for, each with a value for every option.

Everything is built from these, and `tfflowgan.training.resolve` writes the same values into the
configuration. A setting that a chosen part does not have is refused here.

An option of a part in a file of the user's own that no flag of its group has is given by
`--options`, an option of a critic with "critic_" before its name.
"""

from typing import Any

from tfflowgan import critics, objectives, plugins
from tfflowgan.config import (
    CRITIC_FIELDS,
    FLOW_FIELDS,
    OBJECTIVE_FIELDS,
    Config,
    check_type,
    default_flow,
    fallback,
    format_options,
    parse_options,
)
from tfflowgan.errors import UserError
from tfflowgan.objectives import Adversary
from tfflowgan.plugins import Part

__all__ = [
    "critic_part",
    "dataset_part",
    "generator_part",
    "objective_part",
    "refuse_critic_settings",
    "set_options",
    "settings_of",
    "spec_settings",
]

_FIELDS = {  # the settings that are options of a part
    "flow": FLOW_FIELDS,
    "generator": FLOW_FIELDS,
    "objective": OBJECTIVE_FIELDS,
    "critic": ("critic_width", "critic_norm"),
    "dataset": (),
}


def generator_part(config: Config) -> Part:
    """The flow, or the generator without a density.

    Raises:
      UserError: a setting is given that it does not have.
    """
    flag = "generator" if config.generator else "flow"
    name = config.generator or config.flow or default_flow(config.dataset)
    chosen = set_options(config, FLOW_FIELDS)
    chosen |= _own_options(config, flag, plugins.options(f"{flag}s", name, flag))
    return plugins.choose(f"{flag}s", name, flag, chosen)


def dataset_part(config: Config) -> Part:
    """The dataset; only one in a file of the user's own has options."""
    known = plugins.options("datasets", config.dataset, "dataset", "load")
    options = known | _own_options(config, "dataset", known)
    return Part("datasets", "dataset", config.dataset, options)


def objective_part(config: Config) -> Part:
    """The objective, with the options of the adversary inside.

    Raises:
      UserError: a setting is given that it does not have.
    """
    chosen = set_options(config, OBJECTIVE_FIELDS)
    known = objectives.options(config.objective, config.adversary)
    chosen |= _own_options(config, "objective", known)
    return objectives.choose(config.objective, chosen)


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
    penalized = adversary.penalizes_gradients
    chosen |= _own_options(config, "critic", critics.options(name, penalized))
    return critics.choose(name, penalized, chosen)


def settings_of(config: Config, *parts: Part) -> dict[str, Any]:
    """The settings that hold the options of parts.

    Args:
      config: the configuration.
      *parts: all parts that it asks for.

    Raises:
      UserError: `--options` gives an option that no part has.
    """
    fields, own = {}, {}
    for part in parts:
        for option, value in part.options.items():
            name = f"critic_{option}" if part.flag == "critic" else option
            (fields if name in _FIELDS[part.flag] else own)[name] = value
    for name, value in parse_options(config.options).items():
        if name not in own:
            has = f"; there are {', '.join(sorted(own))}" if own else ""
            raise UserError(
                f"--options={name}={value!r} does not apply: no part in a file of your own has an "
                f"option {name} that is not a flag{has}."
            )
    return fields | {"options": format_options(own)}


def spec_settings(spec: dict[str, Any]) -> dict[str, Any]:
    """The settings that build a generator again: fields of a configuration.

    Args:
      spec: from `Generator.spec`; without functions that no file holds.
    """
    flag = "flow" if "flow" in spec else "generator"
    others = {n: v for n, v in spec.items() if n not in (flag, "image_shape", "code")}
    fields = {name: value for name, value in others.items() if name in FLOW_FIELDS}
    own = {name: value for name, value in others.items() if name not in FLOW_FIELDS}
    return {flag: spec[flag]} | fields | ({"options": format_options(own)} if own else {})


def set_options(config: Config, names: tuple[str, ...]) -> dict[str, Any]:
    """The settings among `names` that are not None."""
    return {name: getattr(config, name) for name in names if getattr(config, name) is not None}


def _own_options(config, flag, known):
    """What `--options` gives of a part's options that are not settings."""
    given, chosen = parse_options(config.options), {}
    for option, default in known.items():
        name = f"critic_{option}" if flag == "critic" else option
        if name in given and name not in _FIELDS[flag]:
            check_type(name, given[name], default)
            chosen[option] = given[name]
    return chosen

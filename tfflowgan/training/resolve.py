"""Filling in what a configuration leaves open, and refusing settings that do not go together.

After `resolve` a configuration holds everything that determines a run, except for the warm-up and
the evaluation period, which need the number of images (`tfflowgan.training.length`). Resolving it
again changes nothing.
"""

import dataclasses

from tfflowgan import datasets, objectives, own_code, plugins
from tfflowgan.config import FLOW_FIELDS, Config, fallback, format_options, parse_options
from tfflowgan.errors import UserError
from tfflowgan.metrics.classifier import find_classifier
from tfflowgan.runs.going_on import CONVERTIBLE
from tfflowgan.runs.parts import (
    critic_part,
    dataset_part,
    generator_part,
    objective_part,
    refuse_critic_settings,
    settings_of,
)

__all__ = ["resolve", "start_from"]


def resolve(config: Config) -> Config:
    """Fills in the options of the chosen parts.

    Raises:
      UserError: a setting is given that the chosen parts do not have, two do not go together, or a
        file of code may not be executed.
    """
    for flag, name in config.code().items():
        own_code.require(name, flag)
    config = _filled(config, _training(config))
    config = _resolve_parts(config)
    if config.network_dtype == "mixed_float16" and config.dtype == "float64":
        raise UserError(
            f"--network_dtype={config.network_dtype} does not go with --dtype=float64, whose "
            "densities its networks would round."
        )
    config = _resolve_optimizer(config)
    config = _resolve_monitoring(config)
    if config.steps is None:
        config = _filled(config, {"epochs": fallback("epochs")})
    if config.flips is None:
        flips = datasets.flips_in_training(config.dataset)
        config = dataclasses.replace(config, flips=flips)
    return config


def start_from(config: Config, source: Config) -> Config:
    """Adopts the architecture of what `--init_from` names where none is given.

    Args:
      config: of the new run, not yet resolved.
      source: of what `--init_from` names (see `tfflowgan.training.source`).

    Raises:
      UserError: the configuration asks for another architecture.
    """
    other_flow = (config.flow or source.flow) != source.flow
    if other_flow or (config.generator or source.generator) != source.generator:
        asked, its = (
            f"--flow={c.flow}" if c.flow else f"--generator={c.generator}" for c in (config, source)
        )
        raise UserError(f"--init_from={config.init_from} is of {its}, which cannot start {asked}.")
    for name in FLOW_FIELDS:
        asked, its = getattr(config, name), getattr(source, name)
        if asked is not None and asked != its and name not in CONVERTIBLE:
            raise UserError(
                f"--init_from={config.init_from} has --{name}={its}, which cannot start a run with "
                f"--{name}={asked}."
            )
    config = _filled(config, {n: getattr(source, n) for n in ("flow", "generator", *FLOW_FIELDS)})
    part = generator_part(source)
    its = {n: v for n, v in parse_options(source.options).items() if n in part.options}
    return dataclasses.replace(config, options=format_options(its | parse_options(config.options)))


def _resolve_parts(config):
    generator, objective = generator_part(config), objective_part(config)
    parts = [generator, objective, dataset_part(config)]
    config = dataclasses.replace(config, **{generator.flag: generator.name})
    built = objectives.build_part(objective)
    if built.nll_weight and config.generator:
        raise UserError(
            f"--objective={config.objective} needs a density, which --generator={config.generator} "
            "does not have."
        )
    if built.adversary is None:
        refuse_critic_settings(config)
        return dataclasses.replace(config, **settings_of(config, *parts))
    critic = critic_part(config, built.adversary)
    _check_critic_dtype(config, critic)
    config = dataclasses.replace(config, **settings_of(config, *parts, critic))
    bursts = _bursts(config)
    names = ("critic_steps", "burst_steps", "reuse_batch")
    defaults = {name: fallback(name) for name in names} | bursts
    defaults |= {"critic": critic.name, "critic_learning_rate": config.learning_rate}
    config = _filled(config, defaults)
    if config.burst_steps and config.burst_steps <= config.critic_steps:
        raise UserError(
            f"--burst_steps={config.burst_steps} must be more than "
            f"--critic_steps={config.critic_steps}."
        )
    return config


def _check_critic_dtype(config, critic):
    """Refuses a precision that a critic would not take, or that the images do not have."""
    if config.critic_dtype is None:
        return
    if config.dtype == "float64":
        raise UserError(
            f"--critic_dtype={config.critic_dtype} does not go with --dtype=float64, in which the "
            "critic computes too."
        )
    if "dtype" not in plugins.options("critics", critic.name, "critic"):
        raise UserError(
            f"--critic_dtype={config.critic_dtype} does not apply to --critic={config.critic}, "
            "whose function does not take dtype."
        )


def _training(config):
    """How to train where settings leave it open.

    From new weights, by likelihood alone and with Adam, a flow trains as its module says by
    TRAINING, if the options that it names in TUNED have their defaults.
    """
    names = ("batch_size", "learning_rate", "clip_norm")
    defaults = {name: fallback(name) for name in names}
    part, objective = generator_part(config), objective_part(config)
    own = plugins.literal(f"{part.flag}s", part.name, "TRAINING", {})
    if not own or config.init_from or config.optimizer != "adam":
        return defaults
    known = plugins.options("flows", part.name, "flow")
    tuned = plugins.literal("flows", part.name, "TUNED", ())
    as_tuned = all(part.options[name] == known[name] for name in tuned)
    alone = objectives.build_part(objective).adversary is None
    return defaults | own if as_tuned and alone else defaults


def _bursts(config):
    """The defaults of `burst_first` and `burst_every`."""
    if config.burst_steps:
        if config.reuse_batch:
            raise UserError(
                "--reuse_batch does not go with --burst_steps: a burst trains on fresh images."
            )
        if config.burst_first == 0 and config.burst_every == 0:
            raise UserError(
                "--burst_first=0 with --burst_every=0 leaves no burst; give one of them, or no "
                "--burst_steps."
            )
        return {name: fallback(name) for name in ("burst_first", "burst_every")}
    for name in ("burst_first", "burst_every"):
        if getattr(config, name):
            raise UserError(
                f"--{name}={getattr(config, name)} says when a burst comes; --burst_steps, its "
                "length, is missing."
            )
    return {"burst_first": 0, "burst_every": 0}


def _resolve_optimizer(config):
    own = {"adam": ("beta1", "beta2"), "rmsprop": ("rho",)}
    for optimizer, names in own.items():
        for name in names:
            if optimizer != config.optimizer and getattr(config, name) is not None:
                raise UserError(f"--{name} does not apply to --optimizer={config.optimizer}.")
    return _filled(config, {name: fallback(name) for name in own[config.optimizer]})


def _resolve_monitoring(config):
    switched = {"independent_steps": "independent_critic", "score_samples": "classifier"}
    for name, switch in switched.items():
        if not getattr(config, switch):
            if getattr(config, name) is not None:
                raise UserError(f"--{name} does nothing without --{switch}.")
        else:
            config = _filled(config, {name: fallback(name)})
    if config.independent_steps is not None and config.independent_steps < 5:
        raise UserError(
            f"--independent_steps={config.independent_steps} must be at least 5, so that its "
            "distance compares runs (Danihelka et al., section 4.2)."
        )
    if config.classifier:  # its version too, so that a run continues with the same one
        classifier = str(find_classifier(config.classifier))
        config = dataclasses.replace(config, classifier=classifier)
    if config.select is None:
        likelihood = objectives.build_part(objective_part(config)).nll_weight > 0
        select = "nll" if likelihood else "score" if config.classifier else "last"
        config = dataclasses.replace(config, select=select)
    if config.select == "nll" and config.generator:
        raise UserError(
            f"--select=nll needs a density, which --generator={config.generator} does not have."
        )
    if config.select == "score" and not config.classifier:
        raise UserError("--select=score needs --classifier, whose scores it compares.")
    if config.select == "last" and config.early_stopping:
        raise UserError("--early_stopping needs --select=nll or score, which say what is better.")
    return config


def _filled(config, defaults):
    """The configuration with defaults in place of None."""
    left = {name: value for name, value in defaults.items() if getattr(config, name) is None}
    return dataclasses.replace(config, **left)

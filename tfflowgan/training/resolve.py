"""Filling in what a configuration leaves to its parts, and refusing what does not apply to them.

After `resolve` a configuration holds everything that determines a run; resolving it again changes nothing.
"""

import dataclasses

from tfflowgan import critics, datasets, flows, generators, objectives
from tfflowgan.config import CRITIC_FIELDS, FLOW_FIELDS, OBJECTIVE_FIELDS, Config
from tfflowgan.errors import UserError
from tfflowgan.metrics.classifier import find_classifier

__all__ = ["resolve", "start_from"]


def resolve(config: Config) -> Config:
    """Fills in the defaults of the chosen parts.

    Raises:
      UserError: a setting is given that the chosen parts do not have, or two that do not go together.
    """
    config = _model(config)
    config = _objective(config)
    config = _optimizer(config)
    config = _monitoring(config)
    flips = datasets.flips_in_training(config.dataset) if config.flips is None else config.flips
    return dataclasses.replace(config, flips=flips)


def start_from(config: Config, source: Config) -> Config:
    """Takes the architecture of the run that `--init_from` names, where the configuration does not give it."""
    if (config.flow or source.flow) != source.flow or (config.generator or source.generator) != source.generator:
        given, its = (f"--flow={c.flow}" if c.flow else f"--generator={c.generator}" for c in (config, source))
        raise UserError(f"--init_from={config.init_from} is a run of {its}, which cannot start {given}.")
    for name in FLOW_FIELDS:
        given, its = getattr(config, name), getattr(source, name)
        if given is not None and given != its and name not in ("dtype", "network_dtype", "recompute"):
            raise UserError(f"--init_from={config.init_from} has --{name}={its}, which cannot start a run with --{name}={given}.")
    given = {name: getattr(source, name) for name in ("flow", "generator", *FLOW_FIELDS) if getattr(config, name) is None}
    return dataclasses.replace(config, **given)


def _model(config):
    if config.flow is None and config.generator is None:
        config = dataclasses.replace(config, flow="nvp")
    flag, name = ("flow", config.flow) if config.flow else ("generator", config.generator)
    known = flows.options(name) if config.flow else generators.options(name)
    given = _set_options(config, FLOW_FIELDS)
    _refuse(given, known, f"--{flag}={name}")
    filled = {key: default for key, default in known.items() if key not in given}
    if "logit_alpha" in filled and filled["logit_alpha"] is None:
        filled["logit_alpha"] = 0.0
    return dataclasses.replace(config, **filled)


def _objective(config):
    given = _set_options(config, OBJECTIVE_FIELDS)
    known = objectives.options(config.objective, config.adversary)
    inside = f" with --adversary={known['adversary']}" if "adversary" in known else ""
    _refuse(given, known, f"--objective={config.objective}{inside}")
    config = dataclasses.replace(config, **{key: value for key, value in known.items() if key not in given})
    objective = objectives.build(config.objective, **_set_options(config, OBJECTIVE_FIELDS))
    if objective.nll_weight and config.generator:
        raise UserError(f"--objective={config.objective} needs a density, which --generator={config.generator} does not have.")
    if objective.adversary is None:
        _refuse(_set_options(config, CRITIC_FIELDS), {}, f"--objective={config.objective}")
        return config
    penalised = objective.adversary.penalises_gradients
    name = config.critic or "dcgan"
    own = critics.options(name, penalised)
    bursts = {"burst_steps": 0, "burst_first": 0, "burst_every": 0}
    if config.burst_steps:
        bursts |= {"burst_first": 25, "burst_every": 500}
        if config.reuse_batch:
            raise UserError("--reuse_batch does not go with --burst_steps: a burst is a hundred updates on fresh images.")
        if config.burst_first == 0 and config.burst_every == 0:
            raise UserError("--burst_first=0 with --burst_every=0 leaves no burst; give one of them, or no --burst_steps.")
    elif config.burst_first or config.burst_every:
        raise UserError(
            "--burst_first and --burst_every say when a burst comes; --burst_steps is missing, which says how long it is."
        )
    defaults = bursts | {
        "critic": name,
        "critic_width": own["width"],
        "critic_norm": own["norm"],
        "critic_steps": 5,
        "critic_learning_rate": config.learning_rate,
        "reuse_batch": False,
    }
    config = _filled(config, defaults)
    if 0 < (config.burst_steps or 0) <= config.critic_steps:
        raise UserError(f"--burst_steps={config.burst_steps} must be more than --critic_steps={config.critic_steps}.")
    critics.check_norm(config.critic_norm, penalised)
    return config


def _optimizer(config):
    other = {"adam": ("rho",), "rmsprop": ("beta1", "beta2")}[config.optimizer]
    for name in _set_options(config, other):
        raise UserError(f"--{name} does not apply to --optimizer={config.optimizer}.")
    defaults = {"adam": {"beta1": 0.9, "beta2": 0.999}, "rmsprop": {"rho": 0.99}}[config.optimizer]
    return _filled(config, defaults)


def _monitoring(config):
    for name, switch in (("independent_steps", "independent_critic"), ("score_samples", "classifier")):
        if getattr(config, name) is not None and not getattr(config, switch):
            raise UserError(f"--{name} does nothing without --{switch}.")
    if config.independent_steps is not None and config.independent_steps < 5:
        raise UserError(
            f"--independent_steps={config.independent_steps} must be at least 5, so that its distance compares runs (Danihelka "
            "et al., section 4.2)."
        )
    if config.classifier:  # its version too, so that a run goes on with the same one
        config = dataclasses.replace(config, classifier=str(find_classifier(config.classifier)))
    defaults = {"independent_steps": 5} if config.independent_critic else {}
    defaults |= {"score_samples": 1000} if config.classifier else {}
    likelihood = config.objective in ("mle", "hybrid")
    config = _filled(config, defaults | {"select": "nll" if likelihood else "score" if config.classifier else "last"})
    if config.select == "nll" and config.generator:
        raise UserError(f"--select=nll needs a density, which --generator={config.generator} does not have.")
    if config.select == "score" and not config.classifier:
        raise UserError("--select=score needs --classifier, whose scores it goes by.")
    if config.select == "last" and config.early_stopping:
        raise UserError("--early_stopping needs --select=nll or score, which say what is better.")
    return config


def _set_options(config, names):
    return {name: getattr(config, name) for name in names if getattr(config, name) is not None}


def _filled(config, defaults):
    return dataclasses.replace(config, **{k: v for k, v in defaults.items() if getattr(config, k) is None})


def _refuse(given, known, part):
    for name in given:
        if name not in known:
            takes = f", which takes {', '.join(known)}" if known else ", which has no critic"
            raise UserError(f"--{name} does not apply to {part}{takes}.")

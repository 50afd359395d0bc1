"""The settings that a run goes on with, and the command for those that it does not take.

may change at any time   data_dir, data_source, strategy, jit, steps_per_call, tf32, monitor_batch,
                         checkpoint_minutes
say when a run ends      epochs, steps, minutes, early_stopping: another value continues a run
settled at its start     warmup_steps, monitor_steps: as they were, where they are left open
fixed                    all others: a new run takes them, from the weights of the old one
"""

import dataclasses
import math
import pathlib
import shlex
from typing import Any

from tfflowgan import config as config_module
from tfflowgan.config import FLOW_FIELDS, Config

__all__ = [
    "CONVERTIBLE",
    "as_settled",
    "changed_ends",
    "fixed_changes",
    "init_from_command",
    "refusal",
]

_ENDS = ("epochs", "steps", "minutes", "early_stopping")
_SETTLED = ("warmup_steps", "monitor_steps")
CONVERTIBLE = ("dtype", "network_dtype", "recompute")  # in which weights may change their flow

_Change = tuple[str, Any, Any]  # name, before, now


def changed_ends(before: Config, now: Config) -> list[_Change]:
    """The settings that move the end of a run: (name, before, now) for each that differs."""
    changes = config_module.changes(before, now)
    other = "epochs" if now.steps is not None else "steps"  # a run has one of them
    return [change for change in changes if change[0] in _ENDS and change[0] != other]


def as_settled(before: Config, now: Config) -> Config:
    """The settings that are asked for, with the run's own where its start has settled them."""
    left = {name: getattr(before, name) for name in _SETTLED if getattr(now, name) is None}
    return dataclasses.replace(now, **left)


def fixed_changes(before: Config, now: Config) -> list[_Change]:
    """The settings that differ and that a run cannot go on with: (name, before, now) for each."""
    return [change for change in config_module.changes(before, now) if change[0] not in _ENDS]


def init_from_command(
    path: pathlib.Path, before: Config, now: Config, finished: dict | None
) -> str | None:
    """The command that trains on from a run's weights with settings that the run does not take.

    Args:
      path: the run's directory.
      before: the run's configuration.
      now: what is asked for, resolved.
      finished: how the run ended, or None. The new run trains what is left of the epochs, steps
        and minutes that are asked for.

    Returns:
      The command, or None if the weights do not fit what is asked for.
    """
    changed = {name: now for name, _, now in config_module.changes(before, now)}
    shape = {"dataset", "image_size", "flow", "generator", *FLOW_FIELDS} - {*CONVERTIBLE}
    if shape & changed.keys():
        return None
    for name in ("init_from", "preset", "epochs" if now.steps is not None else "steps"):
        changed.pop(name, None)
    if None in changed.values() or now.snapshots:  # no flag takes a setting of --config away
        left_out = {"snapshots"} - changed.keys()  # their steps are those of the old run
        flags = {name: value for name, value in _explicit(now).items() if name not in left_out}
    else:
        flags = changed | {"config": path / "config.json"}
    if finished and "epochs" in changed and now.epochs and now.epochs > finished["epoch"]:
        flags["epochs"] = math.ceil(now.epochs - finished["epoch"])
    if finished and "steps" in changed and now.steps and now.steps > finished["step"]:
        flags["steps"] = now.steps - finished["step"]
    if finished and "minutes" in changed and now.minutes:
        left = round(now.minutes - finished["seconds"] / 60, 2)
        flags["minutes"] = left if left > 0 else now.minutes
    pairs = {"run": _free(path), "init_from": path} | flags
    return " ".join(["bin/train", *(shlex.quote(_flag(*pair)) for pair in pairs.items())])


def refusal(path: pathlib.Path, before: Config, now: Config, command: str | None) -> str:
    """Why a run does not go on with other settings, and what to do about it, in one sentence.

    Args:
      path: the run's directory.
      before: the run's configuration.
      now: what is asked for, resolved.
      command: from `init_from_command`.
    """
    changes = fixed_changes(before, now)
    if now.dataset == "arrays":
        command = (
            f"flow = tfflowgan.load({str(path)!r}); tfflowgan.fit(flow, images, ..., "
            f"run={str(_free(path))!r})"
        )
    differing = "; ".join(f"--{name} was {old}, now {new}" for name, old, new in changes)
    way_out = (
        f"(--config={path}/config.json has them) to continue it, or another --run."
        if command is None
        else f"to continue it, or train on from its weights in a new run: {command}"
    )
    return (
        f"--run={path} was started with other settings ({differing}); give the same ones {way_out}"
    )


def _explicit(config):
    """All settings that differ from their defaults, without those that come from the source."""
    left_out = {"preset", "init_from", "flow", "generator", *FLOW_FIELDS} - {*CONVERTIBLE}
    given = {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(Config)
        if field.name not in left_out and getattr(config, field.name) != field.default
    }
    return {name: value for name, value in given.items() if value is not None}


def _flag(name, value):
    return f"--{name}={str(value).lower() if isinstance(value, bool) else value}"


def _free(path):
    """The run's directory with the first number behind it that is not taken: NAME_2, NAME_3."""
    path, number = path if path.name.strip(".") else path.resolve(), 2
    while path.with_name(f"{path.name}_{number}").exists():
        number += 1
    return path.with_name(f"{path.name}_{number}")

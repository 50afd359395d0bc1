"""The settings of a run as flags, and the run that they name."""

import dataclasses
import os
import pathlib

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.cli.app import Flag, allow_code
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["DETAILS", "FROM_PYTHON", "rows", "take"]

_GROUPS = ["run", "data", "model", "training", "optimizer", "monitoring", "flow", "critic"]
_OWN = "FILE.py:FUNCTION"
FROM_PYTHON = ("arrays",)  # images that `tfflowgan.fit` is given
DETAILS = ("optimizer", "monitoring", "flow", "critic")


def rows(own: list[Flag]) -> list[Flag]:
    """The flags of a command that trains: where the run is, the command's own, all settings."""
    found = [
        Flag("run", str, None, "the run's directory (default: runs/NAME)", "where"),
        Flag("config", str, None, "config.json of a run to repeat", "where"),
        allow_code("where"),
        *own,
    ]
    fields = dataclasses.fields(Config)
    for field in sorted(fields, key=lambda f: _GROUPS.index(f.metadata["group"])):
        kind = config_module.value_type(field)
        found.append(Flag(field.name, kind, None, _help(field), field.metadata["group"]))
    return found


def take(values: dict) -> tuple[Config, pathlib.Path]:
    """The resolved configuration and the run's directory; takes all these flags out of `values`."""
    names = {"run", "config", *(field.name for field in dataclasses.fields(Config))}
    given = {name: values.pop(name) for name in names}
    path, source = given.pop("run"), given.pop("config")
    config = _configure(given, source or _own_settings(path, given))
    from tfflowgan.bijectors import sharding
    from tfflowgan.runs.run import Run
    from tfflowgan.training.resolve import resolve, start_from
    from tfflowgan.training.source import find_source

    directory = pathlib.Path(path or pathlib.Path("runs") / config_module.run_name(config))
    if config.init_from:
        started = Run(directory)  # if it has a checkpoint, it no longer needs its source
        origin = started if started.started() else find_source(config.init_from)
        config = start_from(config, origin.config())
    config = resolve(config)
    if config.flow and "TF_CONFIG" not in os.environ and config.jit != "on":
        if plugins.attribute("flows", config.flow, "flow", "SHARDS_BATCHES", False):
            sharding.enable()
    return config, directory


def _help(field: dataclasses.Field) -> str:
    """The help text of a setting, with its choices and its default, or the default of each part."""
    if field.name == "preset":
        return ", ".join(plugins.names("presets"))
    folders = ("datasets", "flows", "generators", "critics", "objectives")
    found = {
        folder: ", ".join([*(n for n in plugins.names(folder) if n not in FROM_PYTHON), _OWN])
        for folder in folders
    }
    text = field.metadata["help"].format(**found)
    if config_module.choices(field):
        text += f": {', '.join(config_module.choices(field))}"
    default = field.metadata["fallback"] if field.default is None else field.default
    if default is not None and default is not False:
        return f"{text} (default: {'; '.join([str(default), *_by_likelihood(field.name)])})"
    own = _own_defaults(field.name)
    return f"{text} ({own})" if own else text


def _by_likelihood(name: str) -> list[str]:
    """The defaults of flows trained by likelihood alone, where they differ."""
    training = {
        flow: plugins.literal("flows", flow, "TRAINING", {}) for flow in plugins.names("flows")
    }
    own = [f"{flow} {its[name]:g}" for flow, its in training.items() if name in its]
    return [f"likelihood alone: {', '.join(own)}"] if own else []


def _own_defaults(name: str) -> str:
    """The default of an option in each part that has it, such as "nice 1000, nvp 16"."""
    option = name.removeprefix("critic_") if name in ("critic_width", "critic_norm") else name
    critics = option != name
    folders = ("critics",) if critics else ("flows", "generators", "objectives")
    own = {
        part: plugins.options(folder, part, "option").get(option)
        for folder in folders
        for part in plugins.names(folder)
    }
    known = {part: value for part, value in own.items() if value is not None}
    values = list(map(str, known.values()))
    if len(set(values)) == 1:
        shared = f"default: {values[0]}"
        return shared if len(known) == len(own) else f"{', '.join(known)}; {shared}"
    return ", ".join(f"{part} {value}" for part, value in known.items())


def _own_settings(path: str | None, values: dict) -> str | None:
    """config.json of a started run that is called by --run, with no flag that says what it is."""
    from tfflowgan.runs.run import Run

    what = ("preset", "dataset", "flow", "generator", "objective")
    if path is None or any(values[name] is not None for name in what):
        return None
    run = Run(pathlib.Path(path))
    return str(run.path / "config.json") if run.started() else None


def _configure(values: dict, source: str | None) -> Config:
    """Builds the configuration: flags override a preset or a file, which overrides defaults."""
    flags = {name: value for name, value in values.items() if value is not None}
    preset = flags.pop("preset", None)
    if preset and source:
        raise UserError("--preset and --config both give all settings; give one of them.")
    if preset:
        return Config(**config_module.lay(config_module.from_preset(preset), flags))
    base = config_module.from_file(source, flags=flags) if source else {}
    return Config(**config_module.lay(base, flags))

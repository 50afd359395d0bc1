"""`bin/train`: train a flow or resume a run, and export the result."""

import dataclasses
import os
import pathlib

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.cli.app import Flag, allow_code, called_name, run
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a normalizing flow or another generator and exports it as a SavedModel. "
    "The same command, or --run alone, resumes a run that was stopped; with more --epochs, --steps "
    "or --minutes it continues one that has ended. "
    "Settings come from defaults, then from --preset or --config, then from flags."
)

_GROUPS = ["run", "data", "model", "training", "optimizer", "monitoring", "flow", "critic"]
_OWN = "FILE.py:FUNCTION"
_FROM_PYTHON = ("arrays",)  # images that `tfflowgan.fit` is given
_DETAILS = ("optimizer", "monitoring", "flow", "critic")


def main() -> None:
    """Entry point of `bin/train` and `tfflowgan-train`."""
    rows = [
        Flag("run", str, None, "the run's directory (default: runs/NAME)", "where"),
        Flag(
            "output",
            str,
            None,
            "where the SavedModel goes (default: as before, or saved_models/NAME)",
            "where",
        ),
        Flag("config", str, None, "config.json of a run to repeat", "where"),
        allow_code("where"),
        Flag(
            "dry_run",
            bool,
            False,
            "train nothing: time a few steps, say what it would take",
            "where",
        ),
        Flag("dry_run_output", str, None, "with --dry_run: a JSON file for what it says", "where"),
    ]
    fields = dataclasses.fields(Config)
    for field in sorted(fields, key=lambda f: _GROUPS.index(f.metadata["group"])):
        kind = config_module.value_type(field)
        rows.append(Flag(field.name, kind, None, _help(field), field.metadata["group"]))
    run("train", _SUMMARY, rows, _train, details=_DETAILS)


def _help(field: dataclasses.Field) -> str:
    """The help text of a setting, with its choices and its default, or the default of each part."""
    if field.name == "preset":
        return ", ".join(plugins.names("presets"))
    folders = ("datasets", "flows", "generators", "critics", "objectives")
    found = {
        folder: ", ".join([*(n for n in plugins.names(folder) if n not in _FROM_PYTHON), _OWN])
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


def _train(values: dict) -> None:
    path, output, source = values.pop("run"), values.pop("output"), values.pop("config")
    dry, dry_output = values.pop("dry_run"), values.pop("dry_run_output")
    if dry_output and not dry:
        raise UserError(f"--dry_run_output={dry_output} does nothing without --dry_run.")
    config = _configure(values, source or _own_settings(path, values))
    from tfflowgan.bijectors import sharding
    from tfflowgan.runs.run import Run
    from tfflowgan.scoring import models
    from tfflowgan.training.given import Given
    from tfflowgan.training.interruption import Interruption
    from tfflowgan.training.resolve import resolve, start_from
    from tfflowgan.training.source import find_source
    from tfflowgan.training.train import train

    directory = pathlib.Path(path or pathlib.Path("runs") / config_module.run_name(config))
    if config.init_from:
        started = Run(directory)  # if it has a checkpoint, it no longer needs its source
        source = started if started.started() else find_source(config.init_from)
        config = start_from(config, source.config())
    former = Run(directory).former_output()
    target = pathlib.Path(output or former or f"saved_models/{directory.resolve().name}")
    config = resolve(config)
    if config.flow and "TF_CONFIG" not in os.environ:
        if plugins.attribute("flows", config.flow, "flow", "SHARDS_BATCHES", False):
            sharding.enable()
    if dry:
        _dry_run(config, dry_output)
        return
    assets = models.assets if config.dataset == "image_folder" else None
    with Interruption(called_name("train")).listening() as interruption:
        given = Given(interruption=interruption, assets=assets)
        end = train(config, directory, target, given)
    print(_summary(directory, end))


def _own_settings(path: str | None, values: dict) -> str | None:
    """config.json of a started run that is called by --run, with no flag that says what it is."""
    from tfflowgan.runs.run import Run

    what = ("preset", "dataset", "flow", "generator", "objective")
    if path is None or any(values[name] is not None for name in what):
        return None
    run = Run(pathlib.Path(path))
    return str(run.path / "config.json") if run.started() else None


def _dry_run(config: Config, output: str | None) -> None:
    from tfflowgan.training import dry_run

    if output and not pathlib.Path(output).resolve().parent.is_dir():
        raise UserError(f"--dry_run_output={output} is in a folder that does not exist.")
    found = dry_run.dry_run(config)
    if output:
        dry_run.write(found, pathlib.Path(output))
    print(dry_run.summary(found))


def _summary(directory: pathlib.Path, end: dict) -> str:
    lines = [f"Ended after {end['reason']} on {end['data']}."]
    if "best_epoch" in end:
        nll, epoch = end["best_validation_nll"], end["best_epoch"]
        lines.append(f"  best     validation NLL {nll:.2f} nats, epoch {epoch}")
    if "best_score" in end:
        name = {"mode_score": "MODE", "inception_score": "Inception"}[end["score"]]
        score, epoch = end["best_score"], end["best_score_epoch"]
        lines.append(f"  best     {name} score {score:.3f}, epoch {epoch}")
    if "model" in end:
        lines.append(f"  model    {end['model']} (selected: {end['select']})")
    return "\n".join(
        [
            *lines,
            f"  samples  {directory}/samples/step-{end['step']:09d}.png",
            f"  metrics  {directory}/metrics.jsonl, curves.png",
        ]
    )


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

"""`bin/train`: train a flow, or continue a run that was stopped; export it at the end."""

import dataclasses
import os
import pathlib

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.cli.app import Flag, run
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a flow, or another generator, and exports it as a SavedModel. The same command again continues a run that was "
    "stopped. "
    "Settings come from defaults, then --preset or --config, then flags."
)


_GROUPS = ["run", "data", "model", "training", "monitoring", "flow", "critic"]


def main() -> None:
    """Entry point of `bin/train` and `tfflowgan-train`."""
    choices = {
        folder: ", ".join(plugins.names(folder)) for folder in ("datasets", "flows", "generators", "critics", "objectives")
    }
    rows = [
        Flag("run", str, None, "the run's directory (default: runs/NAME)", "where"),
        Flag("output", str, None, "where to export to (default: saved_models/NAME)", "where"),
        Flag("config", str, None, "a run's config.json to repeat", "where"),
    ]
    for field in sorted(dataclasses.fields(Config), key=lambda f: _GROUPS.index(f.metadata["group"])):
        text = field.metadata["help"].format(**choices)
        if field.name == "preset":
            text = ", ".join(plugins.names("presets"))
        elif field.default is not None and field.default is not False:
            text += f" (default: {field.default})"
        rows.append(Flag(field.name, config_module.value_type(field), None, text, field.metadata["group"]))
    run("train", _SUMMARY, rows, _train, details=("monitoring", "flow", "critic"))


def _train(values: dict) -> None:
    path, output, source = values.pop("run"), values.pop("output"), values.pop("config")
    config = _configure(values, source)
    from tfflowgan.bijectors import sharding
    from tfflowgan.runs.run import Run
    from tfflowgan.training.resolve import resolve, start_from
    from tfflowgan.training.train import train

    directory = pathlib.Path(path or pathlib.Path("runs") / config.name)
    if config.init_from:
        begun = (directory / "config.json").exists()  # then nothing of the source is needed any more
        source = Run.open(directory) if begun else Run.open(pathlib.Path(config.init_from), "init_from")
        config = start_from(config, source.config())
    target = pathlib.Path(output or pathlib.Path("saved_models") / directory.resolve().name)
    config = resolve(config)
    if config.flow and plugins.load("flows", config.flow, "flow").SHARDS_BATCHES and "TF_CONFIG" not in os.environ:
        sharding.enable()
    end = train(config, directory, target)
    print(_summary(directory, end))


def _summary(directory: pathlib.Path, end: dict) -> str:
    lines = [f"Ended after {end['reason']} on {end['data']}."]
    if "best_epoch" in end:
        lines.append(f"  best     validation NLL {end['best_validation_nll']:.2f} nats, epoch {end['best_epoch']}")
    if "best_score" in end:
        name = {"mode_score": "MODE", "inception_score": "Inception"}[end["score"]]
        lines.append(f"  best     {name} score {end['best_score']:.3f}, epoch {end['best_score_epoch']}")
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
    given = {name: value for name, value in values.items() if value is not None}
    preset = given.pop("preset", None)
    if preset and source:
        raise UserError("--preset and --config both give all settings; give one of them.")
    base = config_module.from_preset(preset) if preset else config_module.from_file(source) if source else {}
    return Config(**config_module.override(base, given, "the command line"))

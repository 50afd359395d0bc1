"""`bin/train`: train a flow, or continue a run that was stopped; export it at the end."""

import dataclasses
import pathlib

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.cli._app import Flag, run
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a flow and exports it as a SavedModel. The same command again continues a run that was stopped. "
    "Settings come from defaults, then --preset or --config, then flags."
)


def main() -> None:
    """Entry point of `bin/train` and `tfflowgan-train`."""
    choices = {folder: ", ".join(plugins.names(folder)) for folder in ("datasets", "flows", "objectives")}
    rows = [
        Flag("run", str, None, "the run's directory (default: runs/NAME)", "where"),
        Flag("output", str, None, "where to export to (default: saved_models/NAME)", "where"),
        Flag("config", str, None, "a run's config.json to repeat", "where"),
    ]
    for field in sorted(dataclasses.fields(Config), key=lambda f: ["run", "data", "flow", "training"].index(f.metadata["group"])):
        text = field.metadata["help"].format(**choices)
        if field.name == "preset":
            text = ", ".join(plugins.names("presets"))
        elif field.default not in (None, False):
            text += f" (default: {field.default})"
        rows.append(Flag(field.name, config_module.value_type(field), None, text, field.metadata["group"]))
    run("train", _SUMMARY, rows, _train)


def _train(values: dict) -> None:
    path, output, source = values.pop("run"), values.pop("output"), values.pop("config")
    config = _configure(values, source)
    from tfflowgan.training.load import resolve
    from tfflowgan.training.train import train

    directory = pathlib.Path(path or pathlib.Path("runs") / config.name)
    target = pathlib.Path(output or pathlib.Path("saved_models") / directory.resolve().name)
    end = train(resolve(config), directory, target)
    print(
        f"Ended after {end['reason']} on {end['data']}.\n"
        f"  best     validation NLL {end['best_validation_nll']:.2f} nats, epoch {end['best_epoch']}\n"
        f"  model    {end['model']}\n"
        f"  samples  {directory}/samples/epoch-{end['epoch']:04d}.png\n"
        f"  metrics  {directory}/metrics.jsonl, curves.png"
    )


def _configure(values: dict, source: str | None) -> Config:
    given = {name: value for name, value in values.items() if value is not None}
    preset = given.pop("preset", None)
    if preset and source:
        raise UserError("--preset and --config both give all settings; give one of them.")
    base = config_module.from_preset(preset) if preset else config_module.from_file(source) if source else {}
    return Config(**config_module.override(base, given, "the command line"))

"""`bin/train`: train a flow or resume a run, and export the result."""

import pathlib

from tfflowgan.cli import run_settings
from tfflowgan.cli.app import Flag, called_name, run
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a normalizing flow or another generator and exports it as a SavedModel. "
    "The same command, or --run alone, resumes a run that was stopped; with more --epochs, --steps "
    "or --minutes it continues one that has ended. "
    "Settings come from defaults, then from --preset or --config, then from flags."
)


def main() -> None:
    """Entry point of `bin/train` and `tfflowgan-train`."""
    own = [
        Flag(
            "output",
            str,
            None,
            "where the SavedModel goes (default: as before, or saved_models/NAME)",
            "where",
        ),
        Flag(
            "dry_run",
            bool,
            False,
            "train nothing: time a few steps, say what it would take",
            "where",
        ),
        Flag("dry_run_output", str, None, "with --dry_run: a JSON file for what it says", "where"),
    ]
    run("train", _SUMMARY, run_settings.rows(own), _train, details=run_settings.DETAILS)


def _train(values: dict) -> None:
    output, dry, dry_output = (values.pop(n) for n in ("output", "dry_run", "dry_run_output"))
    if dry_output and not dry:
        raise UserError(f"--dry_run_output={dry_output} does nothing without --dry_run.")
    config, directory = run_settings.take(values)
    from tfflowgan.runs.run import Run
    from tfflowgan.scoring import models
    from tfflowgan.training.given import Given
    from tfflowgan.training.interruption import Interruption
    from tfflowgan.training.train import train

    if dry:
        _dry_run(config, dry_output)
        return
    former = Run(directory).former_output()
    target = pathlib.Path(output or former or f"saved_models/{directory.resolve().name}")
    assets = models.assets if config.dataset == "image_folder" else None
    with Interruption(called_name("train")).listening() as interruption:
        given = Given(interruption=interruption, assets=assets)
        end = train(config, directory, target, given)
    print(_summary(directory, end))


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

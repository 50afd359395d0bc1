"""What a run would be, how long it would take here, how much memory and disk: a few steps, timed.

    seconds = start + steps x step + evaluations x evaluation
              + burst updates x step / (critic updates per step + 1)

A step includes its usual critic updates; an update that a burst adds is taken to cost as much as
one of these, or as the generator's. Step and evaluation are measured in the second of two short
periods on the run's own images, so that no compilation is in them. The memory is the most that the
process has held until then. Nothing is written into the run's folder.
"""

import json
import os
import pathlib
import sys
import tempfile

import keras
import tensorflow as tf

from tfflowgan import devices
from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.runs.load import load_splits
from tfflowgan.runs.provenance import provenance
from tfflowgan.runs.run import Run
from tfflowgan.training.fit import time_steps
from tfflowgan.training.length import check, planned_steps, settle
from tfflowgan.training.strategy import build_strategy
from tfflowgan.training.work import burst_updates, steps_within, updates_per_step, work
from tfflowgan.units import duration

__all__ = ["dry_run", "estimate", "peak_memory", "summary", "write"]

_START = 30.0  # seconds before the first step and after the last: 20 to 40 on two cores (measured)


def dry_run(config: Config) -> dict:
    """Times the first steps of a run in a temporary folder.

    Args:
      config: resolved.

    Returns:
      Plain values: "settings", "data" (as in a run's data.json), "parameters" of "generator" and
      "critic", "devices" (how many), "computed_on" (in words), "provenance", "memory" (see
      `peak_memory`), and what `estimate` returns.

    Raises:
      UserError: the run could not start, or it is one of several workers.
    """
    if config.strategy == "multi_worker" or "TF_CONFIG" in os.environ:
        raise UserError(
            "--dry_run times one machine; leave --strategy=multi_worker and TF_CONFIG out."
        )
    strategy = build_strategy(config.strategy, config.jit)
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    splits = load_splits(config)
    config = check(config, splits, strategy)
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(pathlib.Path(folder))
        try:
            times = time_steps(run, config, splits, strategy)
            memory = peak_memory()
        except tf.errors.ResourceExhaustedError as error:
            reason = str(error.message).splitlines()[0]
            raise UserError(
                f"not enough memory ({reason}); try a smaller --width or --batch_size."
            ) from None
        size = sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
    return {
        "settings": json.loads(config.to_json()),
        "data": splits.provenance(),
        "parameters": times["parameters"],
        "devices": strategy.num_replicas_in_sync,
        "computed_on": devices.describe(strategy),
        **estimate(config, splits, times, size),
        "memory": memory,
        "provenance": provenance(config.tf32),
    }


def estimate(config: Config, splits: Splits, times: dict, size: int) -> dict:
    """The length of a run from the times of its parts.

    Args:
      config: resolved.
      splits: the images.
      times: what `time_steps` returns.
      size: bytes that the timed steps left in the run's folder.

    Returns:
      "steps_per_epoch", "steps", "evaluations", "burst_updates"; "seconds" of the "start", a
      "step", an "epoch" of steps, an "evaluation" and the "total"; "bytes" of the run and its
      exported model. A run that early stopping ends is shorter.
    """
    epoch_steps = len(splits.train) // config.images_per_step
    steps, update = planned_steps(config, epoch_steps), times["step"] / updates_per_step(config)
    if config.minutes is not None:
        steps = min(steps, max(1, steps_within(config, 60.0 * config.minutes / update)))
    config = settle(config, epoch_steps, steps)
    evaluations = -(-steps // (config.monitor_steps or epoch_steps))
    training = work(config, steps) * update + evaluations * times["evaluation"]
    width = 8 if config.dtype == "float64" else 4
    snapshots = len(parse_steps(config.snapshots)) * times["parameters"]["generator"] * width
    return {
        "steps_per_epoch": epoch_steps,
        "steps": steps,
        "evaluations": evaluations,
        "burst_updates": burst_updates(config, steps),
        "seconds": {
            "start": _START,
            "step": times["step"],
            "epoch": epoch_steps * times["step"],
            "evaluation": times["evaluation"],
            "total": _START + training,
        },
        "bytes": 2 * size + snapshots,  # logs and pictures grow, and the model is exported
    }


def peak_memory() -> dict:
    """The most memory that this process has held, in bytes.

    Returns:
      {"process": resident memory, "devices": {"GPU:0": memory of the device, ...}}. On Windows
      that of the process is None.
    """
    try:
        import resource
    except ImportError:
        resource = None
    unit = 1 if sys.platform == "darwin" else 1024
    names = [
        device.name.removeprefix("/device:") for device in tf.config.list_logical_devices("GPU")
    ]
    return {
        "process": resource and unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "devices": {name: tf.config.experimental.get_memory_info(name)["peak"] for name in names},
    }


def summary(found: dict) -> str:
    """What `dry_run` found, as lines for a person."""
    settings, data, seconds = found["settings"], found["data"], found["seconds"]
    counts = ", ".join(f"{data[part]:,} {part}" for part in ("train", "validation", "test"))
    shape = " x ".join(map(str, data["image_shape"]))
    generator, critic = found["parameters"]["generator"], found["parameters"]["critic"]
    model = f"{settings['flow'] or settings['generator']}, {generator:,} parameters"
    if critic:
        model += f"; critic {settings['critic']}, {critic:,}"
    epochs = found["steps"] / found["steps_per_epoch"]
    time = f"about {duration(seconds['total'])}"
    if settings["early_stopping"]:
        time += ", or less by early stopping"
    passes = f"{epochs:,.0f}" if epochs >= 100 else f"{epochs:.3g}"
    steps = f"{found['steps']:,} ({passes} epochs of {found['steps_per_epoch']:,})"
    if settings["minutes"] is not None:
        steps += f", at most what fits into {settings['minutes']:g} minutes"
    memory = {"process": found["memory"]["process"]} | found["memory"]["devices"]
    used = [f"{name} {count / 1e9:.1f} GB" for name, count in memory.items() if count]
    lines = {
        "data": f"{data['name']}, {data['source']}: {counts} images of {shape}",
        "model": model,
        "devices": found["computed_on"],
        "steps": steps,
        "a step": f"{seconds['step']:.3g} s",
        "an epoch": duration(seconds["epoch"])
        if seconds["epoch"] >= 1
        else f"{seconds['epoch']:.2g} s",
        "evaluations": f"{found['evaluations']:,}, {seconds['evaluation']:.3g} s each",
        "bursts": f"{found['burst_updates']:,} more critic updates",
        "time": time,
        "memory": ", ".join(used) or "not known on this system",
        "disk": f"about {found['bytes'] / 1e6:,.0f} MB",
    }
    if not found["burst_updates"]:
        del lines["bursts"]
    body = [f"  {name:12} {text}" for name, text in lines.items()]
    return "\n".join(["Nothing was trained. The run would be:", *body])


def write(found: dict, path: pathlib.Path) -> None:
    """Writes what `dry_run` found as JSON.

    Raises:
      UserError: the file cannot be written.
    """
    try:
        write_atomically(path, json.dumps(found, indent=2) + "\n")
    except OSError as error:
        raise UserError(f"--dry_run_output={path} cannot be written: {error.strerror}.") from None

"""Training by an exported program: the steps of a run on a device without TensorFlow.

OUTPUT/state.json, state_000.npz, ...     all variables, to be put back by bin/import_state
OUTPUT/progress.json                      the step, the seconds, the device; written last
OUTPUT/metrics.jsonl                      running means at the end of each period
"""

import json
import math
import os
import pathlib
import time
from collections.abc import Callable

import numpy as np

from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.portable._calls import CallLength
from tfflowgan.portable._files import read_arrays, write_arrays
from tfflowgan.portable._order import BatchOrder
from tfflowgan.portable._program import Program

__all__ = ["time_steps", "train"]

_CHECKED = ("loss", "gradient_norm", "critic_loss", "critic_gradient_norm")
_SHOWN = 10.0  # seconds between lines


class _Training:
    """The state of one stretch."""

    def __init__(self, folder, output, part_bytes, halved, clock):
        self.program = Program(folder, "training")
        self.about = about = self.program.about
        self.output, self.part_bytes, self.clock = output, part_bytes, clock
        moments = about["moments"] if halved else []
        self.halved = frozenset(moments)
        self.images = [
            self.program.put(read_arrays(folder, f"images_{name}")[name])
            for name in about["images"]
        ]
        self.order = BatchOrder(about["count"], about["batch_size"], about["seed"])
        self.step, self.seconds = about["step"], about["seconds"]
        self.resumed = (output / "progress.json").exists()
        if self.resumed:
            kept = json.loads((output / "progress.json").read_text())
            if kept["program"] != about["identity"]:
                raise UserError(
                    f"--output={output} holds the state of another program; give another one."
                )
            self.program.assign(read_arrays(output, "state"))
            self.step, self.seconds = kept["step"], kept["seconds"]

    def take(self, count):
        """Takes steps, and returns the running means."""
        if self.step % self.about["period"] == 0:
            self.program.zero(self.about["means"])
        rows = np.zeros([self.about["steps_per_call"], self.about["batch_size"]], np.int32)
        rows[:count] = self.order(self.step, count)
        first, number = np.int32(self.step), np.int32(count)
        found = self.program(*self.images, rows, first, number)
        for name in _CHECKED:
            if name in found and not math.isfinite(found[name]):
                raise UserError(
                    f"training stopped near step {self.step}: {name} is {float(found[name])}; the "
                    f"state of the last save in {self.output} is kept."
                )
        self.step += count
        return {name: float(value) for name, value in found.items() if name != "failed"}

    def save(self):
        """Writes the state, and then how far it is."""
        (self.output / "progress.json").unlink(missing_ok=True)
        write_arrays(self.output, "state", self.program.variables(), self.part_bytes, self.halved)
        progress = {
            "format": self.about["format"],
            "program": self.about["identity"],
            "step": self.step,
            "seconds": self.seconds,
            "device": str(self.program.device.device_kind),
            "platform": self.program.device.platform,
            "compile_seconds": round(self.program.compile_seconds, 2),
        }
        (self.output / "progress.json").write_text(json.dumps(progress, indent=2) + "\n")

    def log(self, means):
        """Adds a line to metrics.jsonl."""
        row = {"step": self.step, **means, "seconds": round(self.seconds, 1)}
        with (self.output / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


def train(
    folder: pathlib.Path,
    output: pathlib.Path,
    steps: int | None = None,
    minutes: float | None = None,
    part_mb: float = 15.0,
    halve_moments: bool = False,
    save_minutes: float = 5.0,
    show: Callable[[str], None] = print,
    clock: Callable[[], float] = time.monotonic,
) -> dict:
    """Trains from where the program, or an earlier stretch in the same output, stands.

    Args:
      folder: a program of `bin/export_program`.
      output: where the state goes; a stretch whose state is there already goes on.
      steps: at most so many generator steps in this stretch; None for all that are left.
      minutes: at most so long, without compiling; None for no limit.
      part_mb: the most megabytes that a file of the state holds, before compression.
      halve_moments: keep the moments of optimizers in bfloat16 in these files.
      save_minutes: time between two states.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      The running means at the end, with "step" and "seconds".

    Raises:
      UserError: an argument or a file is wrong, or a value is not finite.
    """
    for name, value in {"steps": steps, "minutes": minutes, "part_mb": part_mb}.items():
        if value is not None and not value > 0:
            raise UserError(f"--{name}={value} must be greater than 0.")
    output.mkdir(parents=True, exist_ok=True)
    training = _Training(folder, output, int(part_mb * 2**20), halve_moments, clock)
    about, program = training.about, training.program
    total, period = about["total_steps"], about["period"]
    end = total if steps is None else min(total, training.step + steps)
    show(
        f"{about['name']} on {program.device.device_kind}: from step {training.step:,} to "
        f"{end:,} of {total:,}; compiled in {program.compile_seconds:.1f} s."
    )
    length = CallLength(about["steps_per_call"])
    begun = shown = saved = clock()
    first, means = training.step, {}
    while training.step < end and (minutes is None or clock() - begun < 60.0 * minutes):
        count = length(min(end, (training.step // period + 1) * period) - training.step)
        before = clock()
        means = training.take(count)
        now = clock()
        training.seconds += now - before
        length.observe(count, now - before)
        if training.step % period == 0 or training.step == end:
            training.log(means)
        if now - shown >= _SHOWN or training.step == end:
            rate = (training.step - first) / (now - begun)
            show(_line(about, training.step, means, rate))
            shown = now
        if now - saved >= 60.0 * save_minutes:
            training.save()
            saved = clock()
    training.save()
    return {"step": training.step, "seconds": training.seconds, **means}


def time_steps(
    folder: pathlib.Path,
    output: pathlib.Path,
    repeats: int = 5,
    show: Callable[[str], None] = print,
    clock: Callable[[], float] = time.monotonic,
) -> dict:
    """Times the steps of a program, which are taken and forgotten.

    Args:
      folder: a program of `bin/export_program`.
      output: where times.json goes.
      repeats: calls that are timed, each of the program's most steps, after one that is not.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      What `times.json` holds: seconds per step, the median and all of them, images per second, the
      device, the seconds of compiling.
    """
    training = _Training(folder, pathlib.Path(os.devnull), 1, False, clock)
    about, program = training.about, training.program
    steps, seconds = about["steps_per_call"], []
    for _ in range(repeats + 1):
        begun = clock()
        training.take(steps)
        seconds.append((clock() - begun) / steps)
    median = float(np.median(seconds[1:]))
    found = {
        "name": about["name"],
        "settings": about["settings"],
        "device": str(program.device.device_kind),
        "platform": program.device.platform,
        "compile_seconds": program.compile_seconds,
        "steps_per_call": steps,
        "step_seconds": {"median": median, "all": seconds[1:]},
        "images_per_second": about["batch_size"] / median,
    }
    output.mkdir(parents=True, exist_ok=True)
    (output / "times.json").write_text(json.dumps(found, indent=2) + "\n")
    show(
        f"{about['name']} on {found['device']}: {1e3 * median:.3f} ms per step of "
        f"{about['batch_size']} images, {found['images_per_second']:,.0f} images/s."
    )
    return found


def _line(about, step, means, rate):
    if "nll" in means:
        quality = f"{units.bits_per_dim(-means['nll'], about['dims']):.3f} bits/dim"
    else:
        quality = f"loss {means['loss']:.4g}"
    left = units.duration((about["total_steps"] - step) / rate)
    return (
        f"step {step:,}/{about['total_steps']:,}, {quality}, "
        f"{rate * about['batch_size']:,.0f} images/s, {left} to the end of the run"
    )

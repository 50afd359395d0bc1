"""Training by an exported program: the steps of a run on a device without TensorFlow."""

import math
import pathlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.portable import _state
from tfflowgan.portable._calls import CallLength
from tfflowgan.portable._checks import check_limits, make_output
from tfflowgan.portable._files import read_arrays
from tfflowgan.portable._interruption import Interruption
from tfflowgan.portable._order import BatchOrder
from tfflowgan.portable._program import Program

__all__ = ["Steps", "train"]

_CHECKED = ("loss", "gradient_norm", "critic_loss", "critic_gradient_norm")
_SHOWN = 10.0  # seconds between lines
_ROOM = 1.5  # of a save's time is left to the last one


class Steps:
    """The steps of a program, taken one call after another.

    Attributes:
      program: with its variables.
      about: `program.json`.
      step: generator steps taken so far.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        """Compiles the program and puts its images on the device."""
        self.program = Program(folder, "training")
        self.about = about = self.program.about
        self._images = [
            self.program.put(read_arrays(folder, f"images_{name}")[name])
            for name in about["images"]
        ]
        self._order = BatchOrder(about["count"], about["batch_size"], about["seed"])
        self.step = about["step"]

    def take(self, count: int) -> dict[str, float]:
        """Takes steps.

        Args:
          count: at most the program's steps per call, and not beyond the period.

        Returns:
          The running means of the period.

        Raises:
          UserError: a value is not finite.
        """
        if self.step % self.about["period"] == 0:
            self.program.zero(self.about["means"])
        rows = np.zeros([self.about["steps_per_call"], self.about["batch_size"]], np.int32)
        rows[:count] = self._order(self.step, count)
        found = self.program(*self._images, rows, np.int32(self.step), np.int32(count))
        wrong = [name for name in _CHECKED if name in found and not math.isfinite(found[name])]
        if wrong or found["failed"] >= 0:
            what = f"{wrong[0]} is {float(found[wrong[0]])}" if wrong else "an update of a burst is"
            raise UserError(
                f"training stopped within steps {self.step} to {self.step + count}: {what} not "
                "finite; a lower --learning_rate, more --warmup_steps or a --clip_norm may help."
            )
        self.step += count
        return {name: float(value) for name, value in found.items() if name != "failed"}


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
      minutes: at most so long, with the last save and without compiling; None for no limit.
      part_mb: the most megabytes that a file of the state holds.
      halve_moments: keep the moments of optimizers in bfloat16 in these files.
      save_minutes: time between two states.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      The running means at the end, with "step" and "seconds".

    Raises:
      UserError: an argument or a file is wrong, or a value is not finite.
    """
    check_limits(part_mb, steps=steps, minutes=minutes, save_minutes=save_minutes)
    make_output(folder, output)
    stretch = _Stretch(folder, output, int(part_mb * 2**20), halve_moments, clock)
    taken, about = stretch.steps, stretch.steps.about
    total, period, first = about["total_steps"], about["period"], taken.step
    end = total if steps is None else min(total, first + steps)
    show(
        f"{about['name']} on {taken.program.device.device_kind}: from step {first:,} to {end:,} of "
        f"{total:,}; compiled in {taken.program.compile_seconds:.1f} s."
    )
    length, means = CallLength(about["steps_per_call"]), {}
    begun = shown = saved = clock()
    room = _ROOM * stretch.save()  # also tells whether the output can be written
    with Interruption() as interruption:
        while taken.step < end and not interruption.asked:
            if minutes and clock() - begun + room + length.seconds >= 60.0 * minutes:
                break
            count = length(min(end, (taken.step // period + 1) * period) - taken.step)
            before = clock()
            means = taken.take(count)
            now = clock()
            stretch.seconds += now - before
            length.observe(count, now - before)
            if taken.step % period == 0 or taken.step == end:
                row = {"step": taken.step, **means, "seconds": round(stretch.seconds, 1)}
                _state.append_means(output, row)
            if now - shown >= _SHOWN or taken.step == end:
                show(_line(about, taken.step, means, (taken.step - first) / (now - begun)))
                shown = now
            if now - saved >= 60.0 * save_minutes:
                stretch.save()
                saved = clock()
        stretch.save()
    if interruption.asked:
        raise KeyboardInterrupt
    if taken.step == first < end:
        raise UserError(
            f"--minutes={minutes} leave no time for a step beside the last save, which takes "
            f"{room:.1f} s; give more."
        )
    more = "" if taken.step == total else "; the same command goes on"
    show(f"step {taken.step:,} of {total:,}: the state is in {output}{more}.")
    return {"step": taken.step, "seconds": stretch.seconds, **means}


class _Stretch:
    """The steps of one call of the command, and their state on disk."""

    def __init__(self, folder, output, part_bytes, halve_moments, clock):
        self.steps = Steps(folder)
        self._output, self._part_bytes, self._clock = output, part_bytes, clock
        about = self.steps.about
        self._halved = frozenset(about["moments"] if halve_moments else [])
        self._before: list[dict[str, Any]] = []
        self.seconds = about["seconds"]
        if kept := _state.read_progress(output):
            if kept["program"] != about["identity"]:
                raise UserError(
                    f"--output={output} holds the state of another program; give another one."
                )
            changing = set(about["changing"])
            values = _state.read_variables(output, kept)
            self.steps.program.assign({n: v for n, v in values.items() if n in changing})
            self.steps.step, self.seconds = kept["step"], kept["seconds"]
            self._before = kept["stretches"]
            _state.keep_means(output, kept["step"])
        self._first, self._spent = self.steps.step, self.seconds

    def save(self):
        """Writes the state; returns the seconds that it took."""
        begun, program = self._clock(), self.steps.program
        changing = set(self.steps.about["changing"])
        values = {n: v for n, v in program.variables().items() if n in changing}
        own = {
            "from": self._first,
            "to": self.steps.step,
            "seconds": self.seconds - self._spent,
            "device": str(program.device.device_kind),
            "platform": program.device.platform,
            "compile_seconds": round(program.compile_seconds, 2),
        }
        progress = {
            "program": self.steps.about["identity"],
            "step": self.steps.step,
            "seconds": self.seconds,
            "stretches": [*self._before, own],
        }
        _state.save(self._output, progress, values, self._part_bytes, self._halved)
        return self._clock() - begun


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

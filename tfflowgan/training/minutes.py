"""`--minutes`: how many steps fit into a time, from the rate of the first hundred.

    steps = the most with  work(steps) - work(taken) <= seconds left / seconds per update

The steps that are timed are taken back: the run begins, or goes on, from where it was, with its
number of steps known. So the learning rate, the warm-up and the evaluations are those of a run with
this number as `--steps`, and so are its weights under `--deterministic`. To be timed, steps may
take a thirtieth of the time, and they count as spent. What compiles is not counted.

RUN/minutes.json keeps the number, for a run that is resumed.
"""

import dataclasses
import json
from collections.abc import Callable
from time import monotonic

import keras

from tfflowgan.config import Config
from tfflowgan.runs.run import Run
from tfflowgan.training.work import steps_within, work

__all__ = [
    "MOST_PER_CALL",
    "UNBOUNDED",
    "Rate",
    "Trial",
    "describe",
    "fitting",
    "keep",
    "kept",
    "seconds_left",
]

MOST_PER_CALL = 25  # steps of a program in one call of a trial
UNBOUNDED = 1_000_000  # steps, more than any trial takes

_FILE = "minutes.json"
_UNTIMED = 2  # calls that compile, and wait for the first batches
_FEWEST, _MOST = 5, 100  # timed steps
_SHARE = 1 / 30  # of the time left


@dataclasses.dataclass(frozen=True)
class Rate:
    """What a trial has measured.

    Attributes:
      steps: how many were timed.
      seconds: how long they took.
      updates: their work, see `tfflowgan.training.work`.
    """

    steps: int
    seconds: float
    updates: int

    @property
    def update(self) -> float:
        """Seconds per update."""
        return self.seconds / self.updates


class Trial(keras.callbacks.Callback):
    """Times steps until their number, or a share of the time, is reached. The last callback."""

    def __init__(self, seconds: float, steps: int, broadcast: Callable[[float], float]) -> None:
        """Creates the callback.

        Args:
          seconds: the time that is left to the run.
          steps: the steps that are left to it without `minutes`; not many more are timed.
          broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
        """
        super().__init__()
        self._seconds, self._broadcast = _SHARE * seconds, broadcast
        self._most = max(_FEWEST, min(_MOST, steps))
        self._ends: list[tuple[int, float]] = []  # the step after each call, and when it ended

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._ends.append((self.model.step, self._broadcast(monotonic())))
        if len(self._ends) > _UNTIMED:
            enough = self._steps >= _FEWEST and self.seconds >= self._seconds
            self.model.stop_training = enough or self._steps >= self._most

    @property
    def seconds(self) -> float:
        """The time of the timed steps."""
        return self._ends[-1][1] - self._ends[_UNTIMED - 1][1]

    @property
    def _steps(self):
        return self._ends[-1][0] - self._ends[_UNTIMED - 1][0]

    def rate(self, config: Config) -> Rate:
        """What was measured.

        Args:
          config: resolved.
        """
        begin, end = self._ends[_UNTIMED - 1][0], self._ends[-1][0]
        return Rate(end - begin, self.seconds, work(config, end) - work(config, begin))


def seconds_left(run: Run, config: Config, step: int, seconds: float) -> float:
    """The time that `--minutes` leaves to a run.

    Args:
      run: whose `minutes.json` has the rate so far, if it has one.
      config: resolved, with `minutes`.
      step: generator steps taken so far.
      seconds: training time so far, which counts where no rate is kept.
    """
    known = run.read(_FILE)
    spent = seconds if known is None else known["seconds_per_update"] * work(config, step)
    return 60.0 * (config.minutes or 0.0) - (spent if step else 0.0)


def kept(run: Run, config: Config, step: int) -> int | None:
    """The number of steps that a run has kept for its `minutes`; None if it has none for them."""
    known = run.read(_FILE) if step else None
    return known["steps"] if known and known["minutes"] == config.minutes else None


def fitting(config: Config, step: int, seconds: float, rate: Rate) -> int:
    """How many steps a run has in all, at least one more than it has taken.

    Args:
      config: resolved.
      step: generator steps taken so far.
      seconds: that are left.
      rate: from a trial, whose time is spent.
    """
    updates = work(config, step) + (seconds - rate.seconds) / rate.update
    return max(step + 1, steps_within(config, updates))


def keep(run: Run, config: Config, steps: int, rate: Rate) -> None:
    """Writes `minutes.json`."""
    found = {
        "minutes": config.minutes,
        "steps": steps,
        "seconds_per_update": rate.update,
        "timed_steps": rate.steps,
        "timed_seconds": rate.seconds,
    }
    run.write(_FILE, json.dumps(found, indent=2) + "\n")


def describe(config: Config, rate: Rate, fitting: int, total_steps: int) -> str:
    """Says in a sentence how many steps fit.

    Args:
      config: resolved.
      rate: of the trial.
      fitting: steps that fit into the minutes.
      total_steps: generator steps of the run.
    """
    timed = f"{rate.seconds / rate.steps:.3g} s each, timed over {rate.steps}"
    if fitting > total_steps:
        return f"All {total_steps:,} steps fit into --minutes={config.minutes:g} ({timed})."
    return (
        f"{total_steps:,} steps fit into --minutes={config.minutes:g} ({timed}); "
        f"--steps={total_steps} repeats this run."
    )

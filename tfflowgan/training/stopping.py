"""How far a run has come, and when it is over.

The state of a run that is in no model lives in `Progress`, inside the checkpoint.
"""

import itertools
import math
import statistics
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from tfflowgan.config import Config

__all__ = ["Clock", "StoppingRule", "Progress", "StopTraining", "StepTimer"]


class Progress(tf.Module):
    """Counters that a checkpoint keeps: training seconds; the best validation NLL and the best score, with their steps."""

    def __init__(self):
        """Starts all counters."""
        super().__init__(name="progress")
        self.seconds = tf.Variable(0.0, dtype=tf.float64)
        self.best_nll = tf.Variable(math.inf, dtype=tf.float64)
        self.best_nll_step = tf.Variable(0, dtype=tf.int64)
        self.best_score = tf.Variable(-math.inf, dtype=tf.float64)
        self.best_score_step = tf.Variable(0, dtype=tf.int64)


class StoppingRule:
    """When a run is over, in generator steps."""

    def __init__(self, config: Config, progress: Progress, epoch_steps: int, period: int):
        """Takes the configuration, the counters, and the steps of an epoch and between evaluations."""
        self.total_steps = config.epochs * epoch_steps
        self._config, self._progress, self._period = config, progress, period

    def reason(self, step: int, evaluated: bool = True) -> str | None:
        """Why a run that has taken `step` steps is at its end, or None if it is not; early stopping asks only where evaluated."""
        config = self._config
        if step >= self.total_steps:
            return f"all {config.epochs} epochs"
        if config.minutes is not None and self._progress.seconds.numpy() >= 60.0 * config.minutes:
            return f"{config.minutes:g} minutes"
        if config.early_stopping and evaluated and step % self._period == 0:
            score = config.select == "score"
            best = (self._progress.best_score_step if score else self._progress.best_nll_step).numpy()
            if step // self._period - -(-best // self._period) >= config.early_stopping:
                unit = "epochs" if config.monitor_steps is None else "evaluations"
                return f"{config.early_stopping} {unit} without a better {'score' if score else 'validation NLL'}"
        return None


class Clock(keras.callbacks.Callback):
    """Counts training time, over all parts of a run; with several workers the chief's time is everyone's."""

    def __init__(self, progress: Progress, agree: Callable[[float], float] = float):
        """Takes the run's counters and how workers agree on a number."""
        super().__init__()
        self._progress, self._agree = progress, agree

    def on_train_begin(self, logs=None):
        self._last = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self._tick()

    def on_epoch_end(self, epoch, logs=None):
        self._tick()

    def _tick(self):
        now = time.monotonic()
        self._progress.seconds.assign_add(self._agree(now - self._last))
        self._last = now


class StopTraining(keras.callbacks.Callback):
    """Ends training where `StoppingRule` says so."""

    def __init__(self, ending: StoppingRule):
        """Takes when that is."""
        super().__init__()
        self._ending = ending

    def on_train_batch_end(self, batch, logs=None):
        self._look(evaluated=False)

    def on_epoch_end(self, epoch, logs=None):
        self._look(evaluated=True)

    def _look(self, evaluated):
        if self._ending.reason(self.model.step, evaluated):
            self.model.stop_training = True


class StepTimer(keras.callbacks.Callback):
    """Notes when each step and each evaluation ended; the last of the callbacks."""

    def on_train_begin(self, logs=None):
        self._steps, self._evaluations = [], []

    def on_train_batch_end(self, batch, logs=None):
        self._steps.append(time.monotonic())

    def on_epoch_end(self, epoch, logs=None):
        self._evaluations.append(time.monotonic())

    def times(self, steps: int) -> dict[str, float]:
        """Seconds of a step and of an evaluation in the last period, which had `steps` steps."""
        ends = self._steps[-steps:]
        return {
            "step": statistics.median(b - a for a, b in itertools.pairwise(ends)),
            "evaluation": self._evaluations[-1] - ends[-1],
        }

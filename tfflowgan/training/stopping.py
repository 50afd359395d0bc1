"""The progress of a run, and the rules that end it.

`Progress` holds the state of a run that belongs to no model. It is part of every checkpoint.
"""

import itertools
import math
import statistics
import time
from collections.abc import Callable
from typing import Literal

import keras
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.runs.names import score_name

__all__ = ["Clock", "Progress", "StepTimer", "StopTraining", "StoppingRule", "summarize_end"]


class Progress(tf.Module):
    """The counters of a run.

    Attributes:
      seconds: training time.
      best_nll, best_nll_step: the best validation NLL and its generator step.
      best_score, best_score_step: the best sample score and its generator step.
    """

    def __init__(self) -> None:
        """Creates the counters of a new run."""
        super().__init__(name="progress")
        self.seconds = tf.Variable(0.0, dtype=tf.float64)
        self.best_nll = tf.Variable(math.inf, dtype=tf.float64)
        self.best_nll_step = tf.Variable(0, dtype=tf.int64)
        self.best_score = tf.Variable(-math.inf, dtype=tf.float64)
        self.best_score_step = tf.Variable(0, dtype=tf.int64)


class StoppingRule:
    """Decides when a run is over: all its steps, or early stopping.

    Attributes:
      epoch_steps: generator steps per epoch.
      period: generator steps between evaluations.
      total_steps: generator steps of the run.
      length: the setting that says so.
    """

    def __init__(
        self,
        config: Config,
        progress: Progress,
        epoch_steps: int,
        total_steps: int,
        length: Literal["epochs", "steps", "minutes"] = "epochs",
    ) -> None:
        """Creates the rule.

        Args:
          config: settled (see `tfflowgan.training.length`).
          progress: the run's counters.
          epoch_steps: generator steps per epoch.
          total_steps: generator steps of the run.
          length: the setting that says so.
        """
        self.epoch_steps = epoch_steps
        self.period = config.monitor_steps or epoch_steps
        self.total_steps, self.length = total_steps, length
        self._config, self._progress = config, progress

    def reason(self, step: int, evaluated: bool = True) -> str | None:
        """Why a run is over.

        Args:
          step: generator steps taken so far.
          evaluated: whether the evaluation at this step has been recorded. Early stopping is
            decided only then.

        Returns:
          The reason, as a noun phrase, or None if the run is not over.
        """
        config, cause = self._config, self.cause(step, evaluated)
        if cause == "epochs":
            return f"all {config.epochs} epochs"
        if cause == "steps":
            return f"all {config.steps} steps"
        if cause == "minutes":
            return f"{config.minutes:g} minutes"
        if cause == "early_stopping":
            unit = "epochs" if self.period == self.epoch_steps else "evaluations"
            name = "score" if config.select == "score" else "validation NLL"
            return f"{config.early_stopping} {unit} without a better {name}"
        return None

    def cause(self, step: int, evaluated: bool = True) -> str | None:
        """The setting that ends a run: "epochs", "steps", "minutes", "early_stopping" or None.

        Args:
          step: generator steps taken so far.
          evaluated: as for `reason`.
        """
        config, progress = self._config, self._progress
        if step >= self.total_steps:
            return self.length
        if config.early_stopping and evaluated and step % self.period == 0:
            score = config.select == "score"
            best = (progress.best_score_step if score else progress.best_nll_step).numpy()
            if step // self.period - -(-best // self.period) >= config.early_stopping:
                return "early_stopping"
        return None

    def epochs(self, step: int) -> float:
        """A step in passes over the training images: a whole number, or rounded to four digits."""
        epochs = step / self.epoch_steps
        return int(epochs) if epochs.is_integer() else round(epochs, 4)


def summarize_end(config: Config, progress: Progress, rule: StoppingRule, step: int) -> dict:
    """Summarizes a run that is over.

    Args:
      config: resolved.
      progress: the run's counters.
      rule: why the run ended.
      step: generator steps taken.

    Returns:
      What `tfflowgan.training.fit.fit` returns.
    """
    end = {
        "reason": rule.reason(step) or "a callback",
        "epoch": rule.epochs(step),
        "step": step,
        "seconds": round(float(progress.seconds.numpy()), 1),
        "select": config.select,
    }
    if progress.best_nll_step.numpy():
        end["best_epoch"] = rule.epochs(int(progress.best_nll_step.numpy()))
        end["best_validation_nll"] = float(progress.best_nll.numpy())
    if progress.best_score_step.numpy():
        end["best_score_epoch"] = rule.epochs(int(progress.best_score_step.numpy()))
        end["best_score"] = float(progress.best_score.numpy())
        end["score"] = score_name(config.dataset)
    return end


class Clock(keras.callbacks.Callback):
    """Adds up training time, over all sessions of a run. All workers use the chief's clock."""

    def __init__(self, progress: Progress, broadcast: Callable[[float], float] = float) -> None:
        """Creates the callback.

        Args:
          progress: the run's counters.
          broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
        """
        super().__init__()
        self._progress, self._broadcast = progress, broadcast

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._last = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._tick()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._tick()

    def _tick(self):
        now = time.monotonic()
        self._progress.seconds.assign_add(self._broadcast(now - self._last))
        self._last = now


class StopTraining(keras.callbacks.Callback):
    """Ends training when a `StoppingRule` gives a reason."""

    def __init__(self, rule: StoppingRule) -> None:
        """Creates the callback."""
        super().__init__()
        self._rule = rule

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._apply_rule(evaluated=False)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._apply_rule(evaluated=True)

    def _apply_rule(self, evaluated):
        if self._rule.reason(self.model.step, evaluated):
            self.model.stop_training = True


class StepTimer(keras.callbacks.Callback):
    """Records when each step and each evaluation ended. Must be the last of the callbacks."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._steps, self._evaluations = [], []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._begin = self.model.step, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._steps.append((self.model.step, time.monotonic()))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._evaluations.append(time.monotonic())

    def times(self, steps: int) -> dict[str, float]:
        """Times of the last period.

        Args:
          steps: the number of steps of that period.

        Returns:
          {"step": median seconds per step, "evaluation": seconds of the evaluation}.
        """
        last, end = self._steps[-1]
        ends = [(step, now) for step, now in self._steps if step > last - steps]
        if len(ends) == 1:  # one call took the whole period
            ends.insert(0, self._begin)
        each = [(t - s) / (b - a) for (a, s), (b, t) in itertools.pairwise(ends)]
        return {"step": statistics.median(each), "evaluation": self._evaluations[-1] - end}

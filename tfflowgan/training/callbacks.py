"""The callbacks that write a run's files: metrics, best weights, snapshots, checkpoints.

Their order matters. An evaluation writes its metrics first and its checkpoint last, so that the
checkpoint is never ahead of the metrics, even if the run is killed in between.
"""

import itertools
import math

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.names import snapshot_name
from tfflowgan.runs.run import Run
from tfflowgan.training.monitor import Monitor
from tfflowgan.training.stopping import Progress

__all__ = ["Checkpointing", "MetricsLogger", "RestoredMeans", "Snapshots"]


class MetricsLogger(keras.callbacks.Callback):
    """At every evaluation, writes one line of metrics and saves the best and the last weights.

    Attributes:
      row: the newest line.
    """

    def __init__(
        self, run: Run, data: str, progress: Progress, monitor: Monitor, weights: Checkpoints
    ) -> None:
        """Creates the callback and a writer for TensorBoard.

        Args:
          run: where the metrics and weights go.
          data: the name and source of the images, repeated in every line.
          progress: the run's counters. The best values and their steps are recorded here.
          monitor: takes the measurements.
          weights: saves the generator.
        """
        super().__init__()
        self._run, self._data, self._progress, self._monitor = run, data, progress, monitor
        self._weights = weights
        self.row = {}
        self.writer = tf.summary.create_file_writer(str(run.logs))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = self.model.step
        row = {"data": self._data} | self._monitor.measure(self.model, logs or {})
        row["seconds"] = round(float(self._progress.seconds.numpy()), 1)
        self._run.append_metrics(row)
        self.row = row
        with self.writer.as_default(step=step):
            for name, value in row.items():
                if name != "data" and value is not None:
                    tf.summary.scalar(name, value)
        self.writer.flush()
        self._save_if_best("nll", row.get("validation_nll"), step, smaller=True)
        self._save_if_best("score", row.get(self._monitor.score), step, smaller=False)
        self._weights.write(self._run.checkpoints / "last")

    def _save_if_best(self, name, value, step, smaller):
        best = getattr(self._progress, f"best_{name}")
        best_step = getattr(self._progress, f"best_{name}_step")
        if value is None or not math.isfinite(value):
            return
        if value < best.numpy() if smaller else value > best.numpy():
            best.assign(value)
            best_step.assign(step)
            self._weights.write(self._run.checkpoints / self._run.weights(name).name)


class Snapshots(keras.callbacks.Callback):
    """Saves the weights at chosen steps."""

    def __init__(self, run: Run, weights: Checkpoints, steps: list[int]) -> None:
        """Creates the callback.

        Args:
          run: where the weights go.
          weights: saves the generator.
          steps: generator steps; 0 means before training.
        """
        super().__init__()
        self._run, self._weights, self._steps = run, weights, set(steps)

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self.model.step == 0:
            self._save_if_chosen()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._save_if_chosen()

    def _save_if_chosen(self):
        if self.model.step in self._steps:
            self._weights.write(self._run.checkpoints / snapshot_name(self.model.step))


class Checkpointing(keras.callbacks.Callback):
    """Saves the training state at every evaluation, and every few minutes in between.

    The last step of a period is not saved before its evaluation has been recorded. If the run were
    killed then, it would resume with the next period and the evaluation would be missing.
    """

    def __init__(
        self, checkpoints: Checkpoints, minutes: float, period: int, progress: Progress
    ) -> None:
        """Creates the callback.

        Args:
          checkpoints: saves the training state.
          minutes: training time between two checkpoints.
          period: generator steps between two evaluations.
          progress: the run's counters, which hold its training time.
        """
        super().__init__()
        self._checkpoints, self._progress = checkpoints, progress
        self._seconds, self._period = 60.0 * minutes, period

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._last = self._progress.seconds.numpy()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.model.stop_training:  # the evaluation comes first
            return
        elapsed = self._progress.seconds.numpy() - self._last
        if self.model.step % self._period and elapsed >= self._seconds:
            self._save()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._save()

    def _save(self):
        self._checkpoints.save(self.model.step)
        self._last = self._progress.seconds.numpy()


class RestoredMeans(keras.callbacks.Callback):
    """Restores the running means of an interrupted period, which Keras resets on resuming it."""

    def __init__(self, values: list[np.ndarray]) -> None:
        """Creates the callback.

        Args:
          values: one per variable of `FlowGAN.means`, in their order.
        """
        super().__init__()
        self._values = values

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        variables = itertools.chain.from_iterable(m.variables for m in self.model.means)
        for variable, value in zip(variables, self._values, strict=True):
            variable.assign(value)

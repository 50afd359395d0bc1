"""What a run writes while it trains: lines of metrics, best weights, pictures, snapshots, checkpoints.

Order matters: at an evaluation the metrics are written first, the checkpoint last, so that after a kill the checkpoint is
never ahead of the metrics.
"""

import itertools
import math

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import image_grid
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.names import snapshot_name
from tfflowgan.runs.run import Run
from tfflowgan.training.monitor import Monitor
from tfflowgan.training.stopping import Progress

__all__ = ["Checkpointing", "SampleGrid", "MetricsLogger", "RestoredMeans", "Snapshots"]


class MetricsLogger(keras.callbacks.Callback):
    """Writes a line of metrics an evaluation and keeps the weights that were best, and the last."""

    def __init__(self, run: Run, data: str, progress: Progress, monitor: Monitor, weights: Checkpoints):
        """Takes the run, what its images are called, its counters, what measures and what to save."""
        super().__init__()
        self._run, self._data, self._progress, self._monitor = run, data, progress, monitor
        self._weights = weights
        self.writer = tf.summary.create_file_writer(str(run.logs))

    def on_epoch_end(self, epoch, logs=None):
        step = self.model.step
        row = {"data": self._data} | self._monitor.measure(self.model, logs)
        row["seconds"] = round(float(self._progress.seconds.numpy()), 1)
        self._run.append_metrics(row)
        with self.writer.as_default(step=step):
            for name, value in row.items():
                if name != "data" and value is not None:
                    tf.summary.scalar(name, value)
        self.writer.flush()
        self._keep_best("nll", row.get("validation_nll"), step, smaller=True)
        self._keep_best("score", row.get(self._monitor.score), step, smaller=False)
        self._weights.write(self._run.checkpoints / "last")

    def _keep_best(self, name, value, step, smaller):
        best, best_step = getattr(self._progress, f"best_{name}"), getattr(self._progress, f"best_{name}_step")
        if value is None or not math.isfinite(value):
            return
        if value < best.numpy() if smaller else value > best.numpy():
            best.assign(value)
            best_step.assign(step)
            self._weights.write(self._run.checkpoints / self._run.weights(name).name)


class SampleGrid(keras.callbacks.Callback):
    """Draws the same 64 latents at every evaluation, as a PNG file and for TensorBoard."""

    def __init__(self, run: Run, writer: tf.summary.SummaryWriter, seed: int):
        """Takes the run, TensorBoard's writer and the samples' seed."""
        super().__init__()
        self._run, self._writer, self._seed = run, writer, seed

    def on_epoch_end(self, epoch, logs=None):
        step = self.model.step
        images = np.nan_to_num(self.model.generator.sample(64, self._seed).numpy())
        image_grid.save_grid(self._run.samples / f"step-{step:09d}.png", images)
        with self._writer.as_default(step=step):
            tf.summary.image("samples", image_grid.grid(images)[None])
        self._writer.flush()


class Snapshots(keras.callbacks.Callback):
    """Keeps the weights of chosen steps."""

    def __init__(self, run: Run, weights: Checkpoints, steps: list[int]):
        """Takes the run, what to save, and when."""
        super().__init__()
        self._run, self._weights, self._steps = run, weights, set(steps)

    def on_train_begin(self, logs=None):
        if self.model.step == 0:
            self._look()

    def on_train_batch_end(self, batch, logs=None):
        self._look()

    def _look(self):
        if self.model.step in self._steps:
            self._weights.write(self._run.checkpoints / snapshot_name(self.model.step))


class Checkpointing(keras.callbacks.Callback):
    """Saves the state at every evaluation and every few minutes between them.

    Never on the last step of a period before its evaluation has been recorded: a run killed just then would resume
    with the next period and leave this one without its evaluation.
    """

    def __init__(self, checkpoints: Checkpoints, minutes: float, period: int, progress: Progress):
        """Takes the run's checkpoints, the time between them, the steps between evaluations, and the run's clock."""
        super().__init__()
        self._checkpoints, self._seconds, self._period, self._progress = checkpoints, 60.0 * minutes, period, progress

    def on_train_begin(self, logs=None):
        self._last = self._progress.seconds.numpy()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.stop_training:  # the evaluation comes first
            return
        if self.model.step % self._period and self._progress.seconds.numpy() - self._last >= self._seconds:
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        self._save()

    def _save(self):
        self._checkpoints.save(self.model.step)
        self._last = self._progress.seconds.numpy()


class RestoredMeans(keras.callbacks.Callback):
    """Puts an interrupted period's running means back after Keras has reset them at its start."""

    def __init__(self, values: list[np.ndarray]):
        """Takes the values of all variables of `FlowGAN.means`."""
        super().__init__()
        self._values = values

    def on_epoch_begin(self, epoch, logs=None):
        variables = itertools.chain.from_iterable(m.variables for m in self.model.means)
        for variable, value in zip(variables, self._values, strict=True):
            variable.assign(value)

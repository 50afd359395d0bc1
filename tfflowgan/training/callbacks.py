"""What happens beside the steps: stops, records, pictures, checkpoints.

The state of a run that is not in the model lives in `Progress`, inside the checkpoint. Order within an epoch's end
matters: the metrics are written first, the checkpoint last, so that after a kill the checkpoint is never ahead of the
metrics.
"""

import itertools
import math
import time

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import pictures, units
from tfflowgan.config import Config
from tfflowgan.datasets import Split, training_batches
from tfflowgan.errors import UserError
from tfflowgan.training.checkpoints import Checkpoints, kept
from tfflowgan.training.diagnosis import first_non_finite
from tfflowgan.training.run import Run

__all__ = [
    "Checkpointing",
    "Clock",
    "NonFiniteStop",
    "Pictures",
    "Progress",
    "Recorder",
    "RestoredMeans",
    "Stops",
    "why_over",
]


class Progress(tf.Module):
    """Counters of a run that a checkpoint keeps: training seconds, the best validation NLL and its epoch."""

    def __init__(self):
        """Starts all counters."""
        super().__init__(name="progress")
        self.seconds = tf.Variable(0.0, dtype=tf.float64)
        self.best_nll = tf.Variable(math.inf, dtype=tf.float64)
        self.best_epoch = tf.Variable(0, dtype=tf.int64)


class NonFiniteStop(keras.callbacks.Callback):
    """Stops the run at the first loss or gradient that is not finite and names the layer."""

    def __init__(self, run: Run, split: Split, batch_size: int, seed: int, flips: bool):
        """Takes what it needs to make the offending batch again."""
        super().__init__()
        self._run = run
        self._batch = lambda step: next(iter(training_batches(split, batch_size, seed, step, flips)))

    def on_train_batch_end(self, batch, logs=None):
        loss, norm = float(logs["loss"]), float(logs["gradient_norm"])
        if math.isfinite(loss) and math.isfinite(norm):
            return
        step = self.model.step - 1
        culprit = first_non_finite(self.model.flow, self._batch(step))
        what = f"the loss is {loss}" if not math.isfinite(loss) else f"the gradient's norm is {norm}"
        raise UserError(
            f"training stopped at step {step}: {what}; the first thing that is not finite is {culprit}. A lower "
            f"--learning_rate, more --warmup_steps or a --clip_norm may help; {kept(self._run.checkpoints)}"
        )


class Clock(keras.callbacks.Callback):
    """Counts training time, over all parts of a run."""

    def __init__(self, progress: Progress):
        """Takes the run's counters."""
        super().__init__()
        self._progress = progress

    def on_train_begin(self, logs=None):
        self._last = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        self._tick()

    def on_epoch_end(self, epoch, logs=None):
        self._tick()

    def _tick(self):
        now = time.monotonic()
        self._progress.seconds.assign_add(now - self._last)
        self._last = now


def why_over(config: Config, progress: Progress, epoch: int) -> str | None:
    """Why a run that has completed `epoch` epochs is at its end, or None if it is not."""
    if epoch >= config.epochs:
        return f"all {config.epochs} epochs"
    if config.minutes is not None and progress.seconds.numpy() >= 60.0 * config.minutes:
        return f"{config.minutes:g} minutes"
    if config.early_stopping and epoch - progress.best_epoch.numpy() >= config.early_stopping:
        return f"{config.early_stopping} epochs without a better validation NLL"
    return None


class Stops(keras.callbacks.Callback):
    """Ends training where `why_over` says so: by time within an epoch, else after it."""

    def __init__(self, progress: Progress, config: Config):
        """Takes the run's counters and configuration."""
        super().__init__()
        self._progress, self._config = progress, config

    def on_epoch_begin(self, epoch, logs=None):
        self._completed = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self._config.minutes is not None and why_over(self._config, self._progress, self._completed):
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if why_over(self._config, self._progress, epoch + 1):
            self.model.stop_training = True


class Recorder(keras.callbacks.Callback):
    """Writes a line of metrics an epoch and keeps the best weights."""

    def __init__(self, run: Run, data: str, progress: Progress, best: Checkpoints):
        """Takes the run, what its images are called in results, its counters, and what to save as best."""
        super().__init__()
        self._run, self._data, self._progress, self._best = run, data, progress, best
        self.writer = tf.summary.create_file_writer(str(run.logs))

    def on_epoch_end(self, epoch, logs=None):
        step, dims = self.model.step, self.model.flow.dims
        row = {
            "data": self._data,
            "epoch": epoch + 1,
            "step": step,
            "loss": float(logs["loss"]),
            "train_nll": float(logs["nll"]),
            "train_bits_per_dim": float(units.bits_per_dim(-float(logs["nll"]), dims)),
            "validation_nll": float(logs["val_nll"]),
            "validation_bits_per_dim": float(units.bits_per_dim(-float(logs["val_nll"]), dims)),
            "gradient_norm": float(logs["gradient_norm"]),
            "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            "seconds": round(float(self._progress.seconds.numpy()), 1),
        }
        if not math.isfinite(row["validation_nll"]):
            raise UserError(
                f"the validation NLL after epoch {epoch + 1} is {row['validation_nll']}; {kept(self._run.checkpoints)}"
            )
        self._run.append_metrics(row)
        with self.writer.as_default(step=step):
            for name, value in row.items():
                if name != "data":
                    tf.summary.scalar(name, value)
        self.writer.flush()
        if row["validation_nll"] < self._progress.best_nll.numpy():
            self._progress.best_nll.assign(row["validation_nll"])
            self._progress.best_epoch.assign(epoch + 1)
            self._best.write(self._run.best)


class Pictures(keras.callbacks.Callback):
    """Draws the same 64 latents after every epoch, as a PNG file and for TensorBoard."""

    def __init__(self, run: Run, writer: tf.summary.SummaryWriter, seed: int):
        """Takes the run, TensorBoard's writer and the samples' seed."""
        super().__init__()
        self._run, self._writer, self._seed = run, writer, seed

    def on_epoch_end(self, epoch, logs=None):
        images = np.nan_to_num(self.model.flow.sample(64, self._seed).numpy())
        pictures.save_grid(self._run.samples / f"epoch-{epoch + 1:04d}.png", images)
        with self._writer.as_default(step=self.model.step):
            tf.summary.image("samples", pictures.grid(images)[None])
        self._writer.flush()


class Checkpointing(keras.callbacks.Callback):
    """Saves the state after every epoch and every few minutes within one.

    Never on an epoch's last step before the epoch's end has been recorded: a run killed just then would resume with the
    next epoch and leave this one without its validation.
    """

    def __init__(self, checkpoints: Checkpoints, minutes: float, epoch_steps: int):
        """Takes the run's checkpoints, the time between them and the steps of a whole epoch."""
        super().__init__()
        self._checkpoints, self._seconds, self._epoch_steps = checkpoints, 60.0 * minutes, epoch_steps

    def on_train_begin(self, logs=None):
        self._last = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        if self.model.step % self._epoch_steps and time.monotonic() - self._last >= self._seconds:
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        self._save()

    def _save(self):
        self._checkpoints.save(self.model.step)
        self._last = time.monotonic()


class RestoredMeans(keras.callbacks.Callback):
    """Puts an interrupted epoch's running means back after Keras has reset them at the epoch's start."""

    def __init__(self, values: list[np.ndarray]):
        """Takes the values of all variables of `FlowGAN.metrics`."""
        super().__init__()
        self._values = values

    def on_epoch_begin(self, epoch, logs=None):
        variables = itertools.chain.from_iterable(m.variables for m in self.model.metrics)
        for variable, value in zip(variables, self._values, strict=True):
            variable.assign(value)

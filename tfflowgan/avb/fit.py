"""Trains a variational auto-encoder: builds its parts, draws batches, writes results, resumes.

RUN/metrics.json       measurements on validation images: at the start, within the first epoch, and
                       after every epoch
RUN/checkpoints/       step-N, one per epoch; a run that was killed continues from the newest
RUN/kl.png             the KL divergence and its estimates, drawn at the end

After `epochs` of training come `settle_epochs` in which only the discriminators are trained. Every
batch and all noise are a function of (seed, step), as in `tfflowgan.datasets`.
"""

import json
import logging
import math
import pathlib
import sys
import time

import keras
import tensorflow as tf

from tfflowgan import devices
from tfflowgan.avb import discriminators, encoders
from tfflowgan.avb.measure import measure
from tfflowgan.avb.model import AVB
from tfflowgan.datasets import Splits, binary_batches, binary_images
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.networks import relu_layers
from tfflowgan.runs.checkpoints import Checkpoints, describe_latest
from tfflowgan.training.optimizer import Adam

__all__ = ["build", "check", "fit"]

_log = logging.getLogger(__name__)
_FEATURES = 256


def build(image_shape: tuple[int, int, int], settings: dict, dtype: str = "float32") -> AVB:
    """Builds a model with new weights, in the current strategy's scope.

    Args:
      image_shape: `(H, W, C)`.
      settings: "latents", "encoder", "discriminator" ("none" or a name), "watch" (names), "width",
        "learning_rate".
      dtype: "float32" or "float64".
    """
    dims, latents, width = math.prod(image_shape), settings["latents"], settings["width"]
    adversary = None if settings["discriminator"] == "none" else settings["discriminator"]
    names: dict[str, None] = dict.fromkeys(
        [*([adversary] if adversary else []), *settings["watch"]]
    )
    return AVB(
        _mlp(dims, _FEATURES, width, "relu", dtype, "features"),
        encoders.build(settings["encoder"], latents, _FEATURES, width, dtype),
        _mlp(latents, dims, width, None, dtype, "decoder"),
        {name: discriminators.build(name, dims, latents, width, dtype) for name in names},
        adversary,
        lambda: Adam(settings["learning_rate"]),
    )


def check(splits: Splits, settings: dict, strategy: tf.distribute.Strategy) -> None:
    """Raises `UserError` if a batch does not fit the images or the devices."""
    size, devices = settings["batch_size"], strategy.num_replicas_in_sync
    if size > len(splits.train):
        raise UserError(
            f"--batch_size={size} must not exceed the {len(splits.train)} training images."
        )
    if size % devices:
        raise UserError(
            f"--batch_size={size} must be a multiple of the number of devices, {devices}."
        )


def fit(
    run: pathlib.Path, model: AVB, splits: Splits, settings: dict, strategy: tf.distribute.Strategy
) -> list[dict]:
    """Trains a model to the end, from the newest checkpoint if there is one.

    Args:
      run: the run's folder.
      model: made by `build` in the strategy's scope.
      splits: the images.
      settings: as for `build`, with "epochs", "settle_epochs", "batch_size",
        "discriminator_steps", "seed"; see `check`.
      strategy: the devices to train on.

    Returns:
      The rows of metrics.json.

    Raises:
      UserError: a measurement is not finite.
    """
    steps = len(splits.train) // settings["batch_size"]
    checkpoints = Checkpoints(run / "checkpoints", **model.parts)
    if restored := checkpoints.restore():
        _log.info("Continuing %s from %s.", run, restored.name)
    _log.info("Training on %s.", devices.describe(strategy))
    seed = settings["seed"]
    record = _Record(run, checkpoints, binary_images(splits.validation, seed), seed, steps, model)
    for model.settles, last in (
        (False, settings["epochs"]),
        (True, settings["epochs"] + settings["settle_epochs"]),
    ):
        if model.step >= last * steps or (model.settles and not model.discriminators):
            continue
        model.make_train_function(force=True)
        with strategy.scope():
            model.fit(
                binary_batches(
                    splits.train,
                    settings["batch_size"],
                    seed,
                    settings["latents"],
                    settings["discriminator_steps"],
                    model.step,
                ),
                initial_epoch=model.step // steps,
                epochs=last,
                steps_per_epoch=steps,
                callbacks=[record],
                shuffle=False,
                verbose=1 if sys.stdout.isatty() else 2,
            )
    return record.rows


class _Record(keras.callbacks.Callback):
    """Measures the model and writes a row, and a checkpoint after each epoch.

    Raises a `UserError` if a measurement is not finite.
    """

    def __init__(self, run, checkpoints, images, seed, epoch_steps, model):
        super().__init__()
        self._path, self._run, self._checkpoints = run / "metrics.json", run, checkpoints
        self._images, self._seed, self._epoch_steps = images, seed, epoch_steps
        self._early = {epoch_steps // n for n in (16, 8, 4, 2)} - {0, epoch_steps}
        self._start = time.monotonic()
        try:
            rows = json.loads(self._path.read_text()) if self._path.exists() else []
            self.rows = [row for row in rows if row["step"] <= model.step]
        except (ValueError, KeyError, TypeError):
            raise UserError(
                f"{self._path} is damaged; restore it, or give another --run."
            ) from None
        if not self.rows:
            self._measure(model)

    def on_train_batch_end(self, batch, logs=None):
        if self.model.step in self._early:
            self._measure(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self._measure(self.model)
        self._checkpoints.save(self.model.step)

    def _measure(self, model):
        row = {
            "step": model.step,
            "epoch": model.step / self._epoch_steps,
            "settles": model.settles,
        }
        row |= measure(model, self._images, self._seed)
        if bad := _not_finite(row):
            raise UserError(
                f"training stopped at step {model.step}: {bad} is not finite; a lower "
                f"--learning_rate may help; {describe_latest(self._run / 'checkpoints')}"
            )
        seconds = time.monotonic() - self._start + (self.rows[-1]["seconds"] if self.rows else 0.0)
        self._start = time.monotonic()
        self.rows.append(row | {"seconds": round(seconds, 1)})
        write_atomically(self._path, json.dumps(self.rows, indent=1) + "\n")


def _not_finite(values, name=""):
    """The name of the first number in nested values that is not finite, or None."""
    if isinstance(values, dict | list):
        items = values.items() if isinstance(values, dict) else enumerate(values)
        return next(
            (bad for key, value in items if (bad := _not_finite(value, f"{name} {key}".strip()))),
            None,
        )
    return name if isinstance(values, float) and not math.isfinite(values) else None


def _mlp(inputs, outputs, width, activation, dtype, name):
    """An MLP with two hidden ReLU layers."""
    start = keras.Input((inputs,), dtype=dtype)
    hidden = relu_layers(start, width, 2, dtype, "dense")
    return keras.Model(
        start, keras.layers.Dense(outputs, activation, dtype=dtype, name="last")(hidden), name=name
    )

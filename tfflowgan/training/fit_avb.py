"""The training of a variational auto-encoder: its parts, its batches, what is measured, and where it begins.

RUN/metrics.json       what was measured on validation images, an entry an epoch
RUN/checkpoints/       step-N, one an epoch; a run that is killed goes on from the newest
RUN/kl.png             the KL divergence against its estimates, drawn at the end

Every batch and all noise are a function of (seed, step), as in `tfflowgan.datasets`.
"""

import json
import logging
import pathlib
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import datasets, discriminators, encoders, units
from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.training.avb import AVB
from tfflowgan.training.begun import replace
from tfflowgan.training.checkpoints import Checkpoints, kept
from tfflowgan.training.optimizer import Adam

__all__ = ["binary", "build", "fit", "measure", "test_noise"]

_log = logging.getLogger(__name__)
_FEATURES, _BATCH = 256, 500
_BINARY, _NOISE, _ENCODER_NOISE, _PRIOR = range(100, 104)  # streams beside those of `tfflowgan.datasets`


def build(image_shape: tuple[int, int, int], settings: dict, dtype: str = "float32") -> AVB:
    """Makes a model with new weights, in the current strategy's scope.

    Args:
      image_shape: `(H, W, C)`.
      settings: "latents", "encoder", "discriminator" ("none" or a name), "watch" (names), "width", "learning_rate".
      dtype: "float32" or "float64".
    """
    dims, latents, width = int(np.prod(image_shape)), settings["latents"], settings["width"]
    adversary = None if settings["discriminator"] == "none" else settings["discriminator"]
    names = dict.fromkeys([*([adversary] if adversary else []), *settings["watch"]])
    return AVB(
        _mlp(dims, _FEATURES, width, "relu", dtype, "features"),
        encoders.build(settings["encoder"], latents, _FEATURES, width, dtype),
        _mlp(latents, dims, width, None, dtype, "decoder"),
        {name: discriminators.build(name, dims, latents, width, dtype) for name in names},
        adversary,
        lambda: Adam(settings["learning_rate"]),
    )


def fit(run: pathlib.Path, model: AVB, splits: Splits, settings: dict, strategy: tf.distribute.Strategy) -> list[dict]:
    """Trains a model to its end, from the newest checkpoint if there is one; returns what was measured, an entry an epoch.

    Args:
      run: its folder.
      model: made by `build` in the strategy's scope.
      splits: the images.
      settings: as for `build`, with "epochs", "batch_size", "discriminator_steps", "seed".
      strategy: where to compute.

    Raises:
      UserError: there are fewer images than a batch has, or something is not finite.
    """
    steps = len(splits.train) // settings["batch_size"]
    if not steps:
        raise UserError(f"--batch_size={settings['batch_size']} is more than the {len(splits.train)} training images.")
    if settings["batch_size"] % strategy.num_replicas_in_sync:
        raise UserError(f"--batch_size={settings['batch_size']} must be a multiple of {strategy.num_replicas_in_sync} devices.")
    checkpoints = Checkpoints(run / "checkpoints", **model.parts)
    if restored := checkpoints.restore():
        _log.info("Continuing %s from %s.", run, restored.name)
    epoch = _Epoch(run, checkpoints, splits.validation, settings)
    with strategy.scope():
        model.fit(
            _batches(splits.train, settings, model.step),
            initial_epoch=model.step // steps,
            epochs=settings["epochs"],
            steps_per_epoch=steps,
            callbacks=[epoch],
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
        )
    return epoch.rows


def binary(split: Split, seed: int) -> np.ndarray:
    """Images with values 0 and 1, float32 `[N, D]`: each pixel value k of 0..255 is 1 with probability k / 255."""
    uniform = np.random.default_rng([seed, _BINARY]).random(split.images.shape, np.float32)
    return (uniform < split.images / np.float32(units.LEVELS - 1)).reshape(len(split), -1).astype(np.float32)


def test_noise(count: int, latents: int, seed: int) -> np.ndarray:
    """Noise for a measurement, float32 `[count, L]`."""
    return np.random.default_rng([seed, _NOISE]).standard_normal((count, latents), np.float32)


test_noise.__test__ = False  # not a test


def measure(model: AVB, images: np.ndarray, seed: int) -> dict:
    """The ELBO, the exact KL divergence and every discriminator's estimate of it, means over images, in nats per image.

    Args:
      model: to measure.
      images: binary, `[N, D]`.
      seed: of the noise, one draw an image.

    Returns:
      "elbo" and "reconstruction"; "kl" and each discriminator's entry as {"nats", "standard_error", "terms": a list, or None
      where single terms are not known}, the discriminators' with "gap", theirs minus the exact one, and its standard error;
      "kl_closed_form" where the encoder has one.
    """
    noise = test_noise(len(images), model.encoder.latents, seed)
    compute = tf.function(lambda x, n: _measurement(model, x, n), reduce_retracing=True, autograph=False)
    parts = [compute(images[i : i + _BATCH], noise[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
    whole = {name: np.concatenate([part[name] for part in parts]).astype(np.float64) for name in parts[0]}
    exact = whole["kl"]
    result = {
        "elbo": float(np.mean(whole["reconstruction"] - exact)),
        "reconstruction": float(np.mean(whole["reconstruction"])),
        "kl": _mean(exact) | {"terms": whole["kl_terms"].mean(0).tolist() if "kl_terms" in whole else None},
        "discriminators": {},
    }
    if "kl_closed_form" in whole:
        result["kl_closed_form"] = float(whole["kl_closed_form"].mean())
    for name, discriminator in model.discriminators.items():
        terms = whole[name]
        gap = _mean(terms.sum(-1) - exact)
        entry = _mean(terms.sum(-1)) | {"terms": terms.mean(0).tolist() if discriminator.has_terms else None}
        result["discriminators"][name] = entry | {"gap": gap["nats"], "gap_standard_error": gap["standard_error"]}
    return result


def _measurement(model, images, noise):
    images, noise = tf.cast(images, model.encoder.dtype), tf.cast(noise, model.encoder.dtype)
    parts = model.parts_of_elbo(images, noise)
    result = {name: parts[name] for name in ("reconstruction", "kl", "kl_terms") if parts[name] is not None}
    if hasattr(model.encoder, "kl_terms"):
        result["kl_closed_form"] = tf.reduce_sum(model.encoder.kl_terms(model.features(images)), axis=-1)
    return result | {name: model.estimate(name, images, parts["latents"]) for name in model.discriminators}


def _mean(values):
    return {"nats": float(values.mean()), "standard_error": float(values.std(ddof=1) / len(values) ** 0.5)}


class _Epoch(keras.callbacks.Callback):
    """Measures, writes a row and then a checkpoint after every epoch; stops where something is not finite."""

    def __init__(self, run, checkpoints, validation, settings):
        super().__init__()
        self._path, self._run, self._checkpoints, self._seed = run / "metrics.json", run, checkpoints, settings["seed"]
        self._images = binary(validation, settings["seed"])
        self.rows = json.loads(self._path.read_text()) if self._path.exists() else []

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.monotonic() - self._start
        row = {"epoch": epoch + 1, "step": self.model.step, "loss": float(np.mean(logs["loss"]))}
        row |= measure(self.model, self._images, self._seed)
        if not np.isfinite([row["loss"], row["elbo"]]).all():
            raise UserError(
                f"training stopped in epoch {epoch + 1}: the ELBO is not finite; a lower --learning_rate may help; "
                f"{kept(self._run / 'checkpoints')}"
            )
        self.rows = [*self.rows[:epoch], row | {"seconds": round(seconds, 1)}]
        replace(self._path, json.dumps(self.rows, indent=1) + "\n")
        self._checkpoints.save(self.model.step)


def _batches(split, settings, first_step):
    """What `AVB.train_step` takes, from a step on."""
    size, seed, latents, updates = (settings[n] for n in ("batch_size", "seed", "latents", "discriminator_steps"))
    dims = int(np.prod(split.images.shape[1:]))

    def batch(step, images):
        def seeds(stream):
            return tf.random.fold_in(tf.random.fold_in(tf.constant([seed, 0]), stream), tf.cast(step, tf.int32))

        values = tf.reshape(tf.floor(images * units.LEVELS) / (units.LEVELS - 1), [size, dims])
        several = [size, updates, latents]
        return {
            "images": tf.cast(tf.random.stateless_uniform([size, dims], seeds(_BINARY)) < values, tf.float32),
            "noise": tf.random.stateless_normal([size, latents], seeds(_NOISE)),
            "encoder_noise": tf.random.stateless_normal(several, seeds(_ENCODER_NOISE)),
            "prior": tf.random.stateless_normal(several, seeds(_PRIOR)),
        }

    images = datasets.training_batches(split, size, seed, first_step)
    numbered = tf.data.Dataset.zip(tf.data.Dataset.counter(first_step), images)
    return numbered.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)


def _mlp(inputs, outputs, width, activation, dtype, name):
    """Two hidden layers of ReLU."""
    start = hidden = keras.Input((inputs,), dtype=dtype)
    for i in range(2):
        hidden = keras.layers.Dense(width, "relu", kernel_initializer="he_normal", dtype=dtype, name=f"dense_{i}")(hidden)
    return keras.Model(start, keras.layers.Dense(outputs, activation, dtype=dtype, name="last")(hidden), name=name)

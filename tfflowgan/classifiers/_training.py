"""Trains a classifier with Keras' own `fit`, keeps the best epoch, and exports it with a card.

    NAME/VERSION/     the SavedModel: `serving_default` maps float32 images [B, H, W, C] in [0, 1] to "probabilities" [B, K]
                      and "features" [B, F], the last hidden layer
    NAME/card.yaml    what it was trained on and how, its accuracy, its sha256

Images are shifted at random by up to an eighth of their side, and flipped where the dataset's are in training; the learning rate
falls as half a cosine. A run that was killed goes on with the epoch it was in; shuffling and shifts then begin a new sequence.
"""

import json
import os
import pathlib
import time

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import plugins
from tfflowgan.datasets import Split, Splits, labelled_batches
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.model_versions import digest
from tfflowgan.runs.provenance import provenance
from tfflowgan.serving import model_card
from tfflowgan.serving.saved_model import publish

__all__ = ["accuracy", "augment", "export", "fit", "import_weights"]

_BATCH = 256


def fit(model: keras.Model, splits: Splits, architecture: str, settings: dict, run: pathlib.Path, flips: bool) -> dict:
    """Trains a classifier, or goes on with it; leaves it with the weights of its best epoch.

    Args:
      model: made by `tfflowgan.classifiers.build`.
      splits: images with labels; training and validation images are used.
      architecture: the classifier's name.
      settings: "epochs", "batch_size", "learning_rate", "early_stopping", "seed".
      run: its folder, see `tfflowgan.runs.resumable`.
      flips: flip images at random.

    Returns:
      {"epochs", "best_epoch", "validation_accuracy", "seconds"}, the seconds without those lost to a kill.
    """
    keras.utils.set_random_seed(settings["seed"])
    steps = -(-len(splits.train) // settings["batch_size"])
    rate = keras.optimizers.schedules.CosineDecay(settings["learning_rate"], steps * settings["epochs"])
    trained = keras.Model(model.inputs, model.output["probabilities"])
    optimizer = plugins.load("classifiers", architecture, "architecture").optimizer(rate)
    trained.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = _Best(run, settings["early_stopping"])
    trained.fit(
        labelled_batches(
            splits.train,
            settings["batch_size"],
            settings["seed"],
            lambda images: augment(images, flips),
        ),
        validation_data=(_scaled(splits.validation.images), splits.validation.labels),
        epochs=0 if best.finished else settings["epochs"],
        callbacks=[best, keras.callbacks.BackupAndRestore(run / "backup", double_checkpoint=True, delete_checkpoint=False)],
        verbose=2,
    )
    trained.load_weights(best.weights)
    return {
        "epochs": len(best.rows),
        "best_epoch": best.best["epoch"],
        "validation_accuracy": accuracy(model, splits.validation),
        "seconds": round(sum(r["seconds"] for r in best.rows), 1),
    }


def import_weights(model: keras.Model, architecture: str, path: pathlib.Path) -> None:
    """Sets a classifier's weights from an .npz file.

    Raises:
      UserError: the file cannot be read or does not fit, or the architecture takes none.
    """
    module = plugins.load("classifiers", architecture, "architecture")
    if not hasattr(module, "import_weights"):
        raise UserError(f"--import_weights does not apply to --architecture={architecture}; resnet56 takes weights.")
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"--import_weights={path} cannot be read as an .npz file: {str(error).splitlines()[0]}.") from None
    module.import_weights(model, arrays)


def accuracy(model: keras.Model, split: Split) -> float:
    """The share of a split's images that a classifier names as their labels do."""
    found = model.predict(_scaled(split.images), _BATCH, verbose=0)["probabilities"].argmax(axis=1)
    return float((found == split.labels).mean())


def export(model: keras.Model, folder: pathlib.Path, card: dict) -> pathlib.Path:
    """Writes a classifier as the next version of a SavedModel, and its card.

    Args:
      model: made by `tfflowgan.classifiers.build`.
      folder: NAME.
      card: plain values; provenance and the sha256 are added.

    Returns:
      The path of the new version.
    """
    served = tf.Module()
    served.classifier_variables = [weight.value for weight in model.weights]
    images = tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, "images")
    served.call = tf.function(lambda images: model(images, training=False), [images])
    signatures = {"serving_default": served.call}
    path = publish(folder, lambda part: tf.saved_model.save(served, str(part), signatures))
    card |= {"parameters": model.count_params(), "version": int(path.name), "sha256": digest(path)}
    model_card.write(folder, card | model_card.origin(provenance()))
    return path


def augment(images: tf.Tensor, flips: bool) -> tf.Tensor:
    """Shifts each image `[B, H, W, C]` by up to an eighth of its side, over a margin of zeros, and flips it if asked."""
    _, height, width, _ = images.shape
    count, margin = tf.shape(images)[0], max(height, width) // 8
    images = tf.pad(images, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
    for axis, size in ((1, height), (2, width)):
        first = tf.random.uniform([count, 1], 0, 2 * margin + 1, tf.int32)
        images = tf.gather(images, first + tf.range(size), axis=axis, batch_dims=1)
    if flips:
        images = tf.where(tf.random.uniform([count, 1, 1, 1]) < 0.5, images[:, :, ::-1], images)
    return images


class _Best(keras.callbacks.Callback):
    """Writes a line of metrics an epoch, keeps the best weights, and stops when there were none for long; all of it in files."""

    def __init__(self, run, patience):
        super().__init__()
        self._metrics, self._patience, self._start = run / "metrics.json", patience, 0.0
        self.weights = run / "best.weights.h5"
        self.rows = json.loads(self._metrics.read_text()) if self._metrics.exists() else []

    @property
    def best(self):
        return max(self.rows, key=lambda row: row["val_accuracy"])

    @property
    def finished(self):
        return bool(self.rows) and len(self.rows) - self.best["epoch"] >= self._patience

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1} | {name: float(value) for name, value in logs.items()}
        row["seconds"] = round(time.monotonic() - self._start, 1)
        self.rows = [*self.rows[:epoch], row]
        if self.best is row:  # weights first: a kill in between repeats the epoch
            part = self.weights.with_name("part.weights.h5")
            self.model.save_weights(part)
            os.replace(part, self.weights)
        write_atomically(self._metrics, json.dumps(self.rows, indent=1))
        self.model.stop_training = self.finished


def _scaled(images):
    return images.astype(np.float32) / 255.0

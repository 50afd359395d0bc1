"""Train a classifier with Keras' `fit`, keep its best epoch, and export it with a model card.

    NAME/VERSION/    the SavedModel; `serving_default` maps float32 images [B, H, W, C] in [0, 1] to
                     "probabilities" [B, K] and "features" [B, F], the last hidden layer
    NAME/card.yaml   the model card: data, settings, accuracy, sha256

Training images are shifted at random by up to an eighth of their side, and flipped if the dataset
is trained with flips. The learning rate follows a cosine decay. An interrupted run repeats the
epoch in which it was interrupted, with new random shuffles and shifts.
"""

import json
import os
import pathlib
import time
from typing import Any

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


def fit(
    model: keras.Model,
    splits: Splits,
    architecture: str,
    settings: dict[str, Any],
    run: pathlib.Path,
    flips: bool,
) -> dict[str, int | float]:
    """Trains a classifier, or resumes its training, and sets the weights of its best epoch.

    Args:
      model: built by `tfflowgan.classifiers.build`.
      splits: labelled images, of which the training and validation images are used.
      architecture: name of the classifier.
      settings: "epochs", "batch_size", "learning_rate", "early_stopping", "seed".
      run: folder of the run, see `tfflowgan.runs.resumable`.
      flips: whether to flip training images at random.

    Returns:
      "epochs", "best_epoch", "validation_accuracy" and "seconds", without time lost to
      interruptions.
    """
    keras.utils.set_random_seed(settings["seed"])
    steps = -(-len(splits.train) // settings["batch_size"])
    rate = keras.optimizers.schedules.CosineDecay(
        settings["learning_rate"], steps * settings["epochs"]
    )
    trained = keras.Model(model.inputs, model.output["probabilities"])
    optimizer = plugins.load("classifiers", architecture, "architecture").optimizer(rate)
    trained.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = _BestEpoch(run, settings["early_stopping"])
    backup = keras.callbacks.BackupAndRestore(
        run / "backup", double_checkpoint=True, delete_checkpoint=False
    )
    trained.fit(
        labelled_batches(
            splits.train,
            settings["batch_size"],
            settings["seed"],
            lambda images: augment(images, flips),
        ),
        validation_data=(_scaled(splits.validation.images), splits.validation.labels),
        epochs=0 if best.finished else settings["epochs"],
        callbacks=[best, backup],
        shuffle=False,  # the batches are shuffled already
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

    Args:
      model: built by `tfflowgan.classifiers.build`.
      architecture: name of the classifier.
      path: the file.

    Raises:
      UserError: the file cannot be read, its arrays do not match the architecture, or the
        architecture does not support imported weights.
    """
    module = plugins.load("classifiers", architecture, "architecture")
    if not hasattr(module, "import_weights"):
        raise UserError(
            f"--import_weights does not apply to --architecture={architecture}; use it with "
            "--architecture=resnet56."
        )
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(
            f"--import_weights={path} cannot be read as an .npz file: {reason}."
        ) from None
    module.import_weights(model, arrays)


def accuracy(model: keras.Model, split: Split) -> float:
    """Returns the fraction of a split's images that a classifier labels correctly."""
    probabilities = model.predict(_scaled(split.images), _BATCH, verbose=0)["probabilities"]
    return float((probabilities.argmax(axis=1) == split.labels).mean())


def export(model: keras.Model, folder: pathlib.Path, card: dict[str, Any]) -> pathlib.Path:
    """Writes a classifier as the next version of a SavedModel, with its model card.

    Args:
      model: built by `tfflowgan.classifiers.build`.
      folder: NAME, the folder of all versions.
      card: entries of the model card; provenance and sha256 are added to them.

    Returns:
      The path of the new version.
    """
    served = tf.Module()
    served.classifier_variables = [weight.value for weight in model.weights]
    images = tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, "images")
    # traced once, without an input signature: one that does not fit would lock every other thread
    served.call = tf.function(lambda images: model(images, training=False), autograph=False)
    signatures = {"serving_default": served.call.get_concrete_function(images)}
    path = publish(folder, lambda part: tf.saved_model.save(served, str(part), signatures))
    card |= {"parameters": model.count_params(), "version": int(path.name), "sha256": digest(path)}
    model_card.write(folder, card | model_card.origin(provenance()))
    return path


def augment(images: tf.Tensor, flips: bool) -> tf.Tensor:
    """Shifts and flips images at random.

    Args:
      images: `[B, H, W, C]`; each is shifted by up to an eighth of its longer side and padded with
        zeros.
      flips: whether to flip half of the images horizontally.

    Returns:
      Images `[B, H, W, C]`.
    """
    _, height, width, _ = images.shape
    count, margin = tf.shape(images)[0], max(height, width) // 8
    images = tf.pad(images, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
    for axis, size in ((1, height), (2, width)):
        first = tf.random.uniform([count, 1], 0, 2 * margin + 1, tf.int32)
        images = tf.gather(images, first + tf.range(size), axis=axis, batch_dims=1)
    if flips:
        images = tf.where(tf.random.uniform([count, 1, 1, 1]) < 0.5, images[:, :, ::-1], images)
    return images


class _BestEpoch(keras.callbacks.Callback):
    """Records metrics per epoch, saves the best weights and stops early; its state is in files."""

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
        row = {"epoch": epoch + 1} | {name: float(value) for name, value in (logs or {}).items()}
        row["seconds"] = round(time.monotonic() - self._start, 1)
        self.rows = [*self.rows[:epoch], row]
        if self.best is row:  # weights first: if interrupted in between, the epoch is repeated
            part = self.weights.with_name("part.weights.h5")
            self.model.save_weights(part)
            os.replace(part, self.weights)
        write_atomically(self._metrics, json.dumps(self.rows, indent=1))
        self.model.stop_training = self.finished


def _scaled(images):
    return images.astype(np.float32) / 255.0

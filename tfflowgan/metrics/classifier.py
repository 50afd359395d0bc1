"""The classifiers that scores use: one provided for the dataset, any SavedModel, or Inception v3.

A SavedModel's `serving_default` has one input, float32 images `[B, H, W, C]` in [0, 1], and the
output "probabilities" `[B, K]` and optionally "features" `[B, F]`. A single output of any name is
taken as the probabilities. `bin/train_classifier` writes such models.

Inception v3 is Keras' model for ImageNet. Grey images are repeated to three channels, all images
are resized to 299x299 bilinearly, with x in [-1, 1]; the features are the 2,048 after pooling.
Keras' weights differ from those of the published Inception scores and FIDs, so values cannot be
compared with published ones.
"""

import contextlib
import hashlib
import os
import pathlib
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import files
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.metrics.scores import check_probabilities
from tfflowgan.model_versions import digest, newest_version

__all__ = [
    "INCEPTION",
    "Classifier",
    "classifier_path",
    "find_classifier",
    "inception_v3",
    "load_classifier",
    "open_saved_model",
]

INCEPTION = "inception_v3"

_SIDE = 299
_BATCH = 32  # images of this side that fit into memory together
_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
_MD5 = "9a0d58056eeedaa3f26cb7ebd46da564"  # as in Keras
_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_FILE}"
_SHIPPED = pathlib.Path("saved_models")


class Classifier:
    """Computes class probabilities and features of images.

    Attributes:
      name: its name in results.
      digest: sha256 of its files or weights.
      image_shape: the `(H, W, C)` that it needs, None where any size or number is accepted.
      resize: the side that images are resized to, or None.
      labelled: whether its classes are the labels of the dataset.
      classes: K; None until the first image, if the model itself does not state it.
    """

    def __init__(
        self,
        name: str,
        sha256: str,
        function: Callable[[tf.Tensor], dict[str, tf.Tensor]],
        image_shape: tuple[int | None, ...] = (None, None, None),
        resize: int | None = None,
        labelled: bool = True,
        classes: int | None = None,
    ):
        """Stores the parts of a classifier.

        Args:
          name: its name in results.
          sha256: of its files or weights.
          function: from float32 images in [0, 1] to {"probabilities"} and optionally "features".
          image_shape: the `(H, W, C)` that it needs, None where any is accepted.
          resize: the side that images are resized to, or None.
          labelled: whether its classes are the labels of the dataset.
          classes: K, or None if it is not known yet.
        """
        self.name, self.digest, self.resize = name, sha256, resize
        self.labelled, self.classes = labelled, classes
        self.image_shape = tuple(image_shape)
        self._function = function

    def outputs(self, images: np.ndarray, batch_size: int = 256) -> dict[str, np.ndarray]:
        """The class probabilities and features of images.

        Args:
          images: `uint8 [B, H, W, C]`, or floats in [0, 1], which are clipped first.
          batch_size: images per pass.

        Returns:
          {"probabilities": float64 `[B, K]`, and, if it has them, "features": float64 `[B, F]`}.

        Raises:
          UserError: the images have another shape or are not finite, or the outputs are not
            probabilities.
        """
        images = np.asarray(images)
        shape = " x ".join("any" if n is None else str(n) for n in self.image_shape)
        mismatch = UserError(
            f"--classifier={self.name} does not accept images of shape {images.shape[1:]}; it "
            f"needs {shape}."
        )
        if len(images.shape) != 4 or any(
            n not in (None, m) for n, m in zip(self.image_shape, images.shape[1:], strict=True)
        ):
            raise mismatch
        if images.dtype != np.uint8 and not np.isfinite(images).all():
            bad = int((~np.isfinite(images).all(axis=(1, 2, 3))).sum())
            raise UserError(
                f"{bad} of {len(images)} samples are not finite and cannot be scored; the model "
                "has diverged."
            )
        batch_size = min(batch_size, _BATCH) if self.resize else batch_size
        try:
            parts = [
                self._function(_unit(images[i : i + batch_size]))
                for i in range(0, len(images), batch_size)
            ]
        except (TypeError, ValueError, tf.errors.InvalidArgumentError):
            raise mismatch from None
        result = {
            name: np.concatenate([p[name].numpy() for p in parts]).astype(np.float64)
            for name in parts[0]
        }
        check_probabilities(result["probabilities"], f"--classifier={self.name}")
        self.classes = result["probabilities"].shape[1]
        return result

    def probabilities(self, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """p(y|x), float64 `[B, K]`; see `outputs`."""
        return self.outputs(images, batch_size)["probabilities"]

    def features(self, images: np.ndarray) -> np.ndarray:
        """The features, float64 `[B, F]`; see `outputs`.

        Raises:
          UserError: as `outputs`, or the classifier has no features.
        """
        result = self.outputs(images)
        if "features" not in result:
            raise UserError(
                f'--classifier={self.name} has no output "features"; models written by '
                "bin/train_classifier have it."
            )
        return result["features"]


def load_classifier(classifier: str | None, splits: Splits) -> Classifier:
    """The classifier for a dataset.

    Args:
      classifier: a SavedModel, "inception_v3", or None for saved_models/DATASET_classifier.
      splits: the dataset; the classifier must accept its images, and have its labels as classes.

    Raises:
      UserError: there is no classifier, or it does not fit the images.
    """
    if classifier == INCEPTION:
        if splits.image_shape[-1] not in (1, 3):
            raise UserError(
                f"--classifier={INCEPTION} needs images with 1 or 3 channels, not "
                f"{splits.image_shape[-1]}."
            )
        return inception_v3()
    result = open_saved_model(classifier_path(classifier, splits.name))
    result.outputs(splits.test.images[:1])
    labels = splits.train.labels
    if labels is not None and labels.max(initial=0) >= result.classes:
        raise UserError(
            f"--classifier={result.name} has {result.classes} classes, but the images have labels "
            f"up to {labels.max()}."
        )
    return result


def open_saved_model(folder: str | os.PathLike) -> Classifier:
    """The classifier in a SavedModel.

    Args:
      folder: NAME (its newest version) or NAME/VERSION.

    Raises:
      UserError: there is no SavedModel, or it has another signature.
    """
    version = find_classifier(folder)
    try:
        model = tf.saved_model.load(str(version))
        signature = model.signatures["serving_default"]
        ((argument, spec),) = signature.structured_input_signature[1].items()
        names = list(signature.structured_outputs)
        named = (
            {n: n for n in ("probabilities", "features") if n in names}
            if len(names) > 1
            else {"probabilities": names[0]}
        )
        shape = spec.shape[1:].as_list() if spec.shape.rank == 4 else (None, None, None)
        classes = signature.structured_outputs[named["probabilities"]].shape
        classes = classes[-1] if classes.rank == 2 else None
    except (OSError, KeyError, ValueError, AttributeError, tf.errors.OpError):
        raise UserError(
            f"--classifier={folder} is not a SavedModel whose signature serving_default has one "
            'input, images, and one output or the outputs "probabilities" and "features".'
        ) from None

    def function(images):
        # the signature alone does not keep the model's variables alive, so it is looked up here
        outputs = model.signatures["serving_default"](**{argument: images})
        return {name: outputs[output] for name, output in named.items()}

    return Classifier(
        f"{version.resolve().parent.name}/{version.name}",
        digest(version),
        function,
        shape,
        classes=classes,
    )


def find_classifier(folder: str | os.PathLike) -> pathlib.Path:
    """The folder of the SavedModel that --classifier names.

    Raises:
      UserError: there is no SavedModel.
    """
    try:
        return newest_version(folder)
    except UserError:
        raise UserError(
            f"--classifier={folder} is not a SavedModel: it has neither a saved_model.pb nor a "
            "numbered folder with one."
        ) from None


def classifier_path(classifier: str | None, dataset: str) -> str | os.PathLike:
    """The path of a dataset's classifier: --classifier, or else saved_models/DATASET_classifier.

    Raises:
      UserError: none is named, and the dataset has none.
    """
    if classifier is not None:
        return classifier
    name = _SHIPPED / f"{dataset}_classifier"
    for folder in (pathlib.Path(__file__).resolve().parent.parent.parent, pathlib.Path()):
        # a training that was stopped leaves an empty folder
        with contextlib.suppress(UserError):
            newest_version(folder / name)
            return folder / name
    raise UserError(
        f"there is no classifier for --dataset={dataset} in {name}; give one with --classifier, or "
        f"train it with bin/train_classifier --dataset={dataset}."
    )


def inception_v3(weights: str | None = "imagenet") -> Classifier:
    """Keras' Inception v3.

    Args:
      weights: "imagenet", or None for random ones.

    Raises:
      UserError: the weights are missing and cannot be downloaded.
    """
    if weights == "imagenet":
        weights = str(_fetched_weights())
    model = keras.applications.InceptionV3(weights=weights)
    both = keras.Model(
        model.inputs,
        {"probabilities": model.output, "features": model.get_layer("avg_pool").output},
    )
    sha256 = hashlib.sha256()
    for array in model.get_weights():
        sha256.update(np.ascontiguousarray(array).data)

    @tf.function(reduce_retracing=True, autograph=False)
    def function(images):
        images = tf.image.resize(images, [_SIDE, _SIDE], "bilinear")
        images = tf.ensure_shape(
            tf.repeat(images, 3 // tf.shape(images)[-1], axis=-1), [None, _SIDE, _SIDE, 3]
        )
        return both(2.0 * images - 1.0, training=False)

    return Classifier(
        INCEPTION,
        sha256.hexdigest(),
        function,
        resize=_SIDE,
        labelled=False,
        classes=model.output_shape[-1],
    )


def _fetched_weights():
    """The path of Inception's weights, in Keras' own folder; downloads them if necessary."""
    folder = pathlib.Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"
    path = folder / _FILE
    try:
        if not path.exists() or not files.matches(path, _MD5):
            files.download(_URL, path, checksum=_MD5)
    except (files.DownloadError, OSError) as error:
        raise UserError(
            f"--classifier={INCEPTION} needs its weights: place {_FILE} (from {_URL}) in {folder}; "
            f"{error}"
        ) from None
    return path


def _unit(images):
    """Float32 images in [0, 1]."""
    images = np.asarray(images)
    return tf.constant(
        images.astype(np.float32) / 255.0
        if images.dtype == np.uint8
        else np.clip(images, 0.0, 1.0),
        tf.float32,
    )

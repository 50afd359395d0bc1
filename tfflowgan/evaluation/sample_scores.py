"""Scores of samples by a classifier.

    Inception score    exp(E_x KL(p(y|x) || p(y)))                              (Salimans et al., 2016)
    MODE score         exp(E_x KL(p(y|x) || p*(y)) - KL(p*(y) || p(y)))         (Che et al., 2017)

x are samples, p(y) is the mean of p(y|x) over them, p*(y) the distribution of the training labels. Both depend on the
classifier and on the count of samples, which belong beside every number.
"""

import os

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds

__all__ = ["Scorer", "inception_score", "mode_score"]

_BATCH = 256


def inception_score(probabilities: np.ndarray) -> float:
    """The Inception score of p(y|x), `[N, K]`: 1 to K."""
    p = np.asarray(probabilities, np.float64)
    return float(np.exp(_kl(p, p.mean(axis=0)).mean()))


def mode_score(probabilities: np.ndarray, label_distribution: np.ndarray) -> float:
    """The MODE score of p(y|x), `[N, K]`, given p*(y), `[K]`."""
    p, prior = np.asarray(probabilities, np.float64), np.asarray(label_distribution, np.float64)
    return float(np.exp(_kl(p, prior).mean() - _kl(prior, p.mean(axis=0))))


class Scorer:
    """Scores generators by the classifier in a SavedModel."""

    def __init__(self, path: str | os.PathLike, labels: np.ndarray | None):
        """Loads the classifier.

        Args:
          path: a SavedModel whose signature `serving_default` maps float32 images `[B, H, W, C]` in [0, 1] to class
            probabilities `[B, K]`.
          labels: of the training images, for p*(y).

        Raises:
          UserError: there is none, or the images have no labels.
        """
        try:
            self._model = tf.saved_model.load(str(path))
            self._signature = self._model.signatures["serving_default"]
            (self._input,) = self._signature.structured_input_signature[1]
            (self._output,) = self._signature.structured_outputs
        except (OSError, KeyError, ValueError, AttributeError) as error:
            raise UserError(
                f"--classifier={path} is not a SavedModel with a signature serving_default of one input and one output: "
                f"{str(error).splitlines()[0]}."
            ) from None
        if labels is None:
            raise UserError(f"--classifier={path} needs images with labels, whose distribution the MODE score compares with.")
        self._path, self._labels = path, labels

    def probabilities(self, images) -> np.ndarray:
        """p(y|x) of images `[B, H, W, C]`, float64 `[B, K]`; values outside [0, 1] are clipped first.

        Raises:
          UserError: the classifier does not take such images, or what it gives are no probabilities.
        """
        images = tf.clip_by_value(tf.cast(images, tf.float32), 0.0, 1.0)
        try:
            parts = [
                self._signature(**{self._input: images[i : i + _BATCH]})[self._output].numpy()
                for i in range(0, len(images), _BATCH)
            ]
        except (TypeError, ValueError, tf.errors.InvalidArgumentError):
            raise UserError(f"--classifier={self._path} does not take images of shape {tuple(images.shape[1:])}.") from None
        result = np.concatenate(parts).astype(np.float64)
        if result.ndim != 2 or (result < 0).any() or not np.allclose(result.sum(axis=1), 1.0, atol=1e-3):
            raise UserError(f"--classifier={self._path} does not give class probabilities: rows of shape [K] that add up to 1.")
        return result

    def monitor(self, generator: Generator, count: int, seed: int) -> dict[str, float | None]:
        """{"inception_score", "mode_score"} of `count` samples; None where a sample is not finite."""
        seeds = image_seeds(seed, count)
        images = tf.concat([generator.decode(generator.latents(seeds[i : i + _BATCH])) for i in range(0, count, _BATCH)], axis=0)
        if not np.isfinite(images).all():
            return {"inception_score": None, "mode_score": None}
        p = self.probabilities(images)
        classes = p.shape[1]
        if self._labels.max(initial=0) >= classes:
            raise UserError(
                f"--classifier={self._path} has {classes} classes where the images have labels up to {self._labels.max()}."
            )
        prior = np.bincount(self._labels, minlength=classes) / len(self._labels)
        return {"inception_score": inception_score(p), "mode_score": mode_score(p, prior)}


def _kl(p, q):
    """KL(p || q) over the last axis, with 0 log 0 = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0).sum(axis=-1)

"""Scores of samples during training, and what all sample scores need: 8-bit images and p*(y)."""

import os

import numpy as np

from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, monitor_seeds
from tfflowgan.metrics.classifier import Classifier, open_saved_model
from tfflowgan.metrics.scores import inception_score, mode_score

__all__ = ["Scorer", "as_bytes", "label_distribution"]


class Scorer:
    """Scores a generator during training with the classifier of a SavedModel, in a single split."""

    def __init__(self, path: str | os.PathLike, labels: np.ndarray | None):
        """Loads the classifier.

        Args:
          path: a SavedModel; see `metrics.classifier`.
          labels: of the training images, for p*(y).

        Raises:
          UserError: there is no classifier, or the images have no labels.
        """
        self._judge = open_saved_model(path)
        if labels is None:
            raise UserError(
                f"--classifier={path} needs images with labels, whose distribution the MODE score "
                "compares with."
            )
        self._labels = labels

    def monitor(
        self, generator: Generator, count: int, seed: int, batch_size: int = 256
    ) -> dict[str, float | None]:
        """{"inception_score", "mode_score"} of `count` samples; None if a sample is not finite.

        The samples are those of `monitor_seeds`, which no evaluation draws.
        """
        seeds = monitor_seeds(seed, count)
        images = np.concatenate(
            [
                generator.decode(generator.latents(seeds[i : i + batch_size])).numpy()
                for i in range(0, count, batch_size)
            ]
        )
        if not np.isfinite(images).all():
            return {"inception_score": None, "mode_score": None}
        p = self._judge.probabilities(as_bytes(images), batch_size)
        prior, _ = label_distribution(self._judge, self._labels)
        return {
            "inception_score": inception_score(p, 1)["value"],
            "mode_score": None if prior is None else mode_score(p, prior, 1)["value"],
        }


def label_distribution(
    classifier: Classifier, labels: np.ndarray | None
) -> tuple[np.ndarray, None] | tuple[None, str]:
    """The distribution p*(y) of the training labels.

    Args:
      classifier: the classifier.
      labels: integers `[N]`, or None for a dataset without labels.

    Returns:
      p*(y) `[classes]` and None; or None and the reason why there is no p*(y).

    Raises:
      UserError: a label is not a class of the classifier.
    """
    if not classifier.labelled:
        return (
            None,
            f"{classifier.name}'s {classifier.classes} classes are not the dataset's labels, which "
            "the MODE score compares with.",
        )
    if labels is None:
        return None, "The images have no labels, whose distribution the MODE score compares with."
    if labels.max(initial=0) >= classifier.classes:
        raise UserError(
            f"--classifier={classifier.name} has {classifier.classes} classes, but the images have "
            f"labels up to {labels.max()}."
        )
    counts = np.bincount(labels, minlength=classifier.classes or 0)
    if not counts.all():
        return (
            None,
            f"No training image has label {int(counts.argmin())}, and the MODE score needs every "
            "class of the classifier.",
        )
    return counts / len(labels), None


def as_bytes(images: np.ndarray) -> np.ndarray:
    """8-bit images `[N, H, W, C]`.

    Floats in [0, 1] are clipped and rounded down. If not all are finite, they are left unchanged.
    """
    images = np.asarray(images)
    return (
        images
        if images.dtype == np.uint8 or not np.isfinite(images).all()
        else units.quantize(images)
    )

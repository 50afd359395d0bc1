"""Scores of samples by a classifier: Inception and MODE score, Frechet and kernel distance.

    Inception, MODE score    `metrics.scores`      of samples, of test images (the ceiling) and of
                                                   training images
    FID, KID                 `metrics.distances`   to the test images, of samples and of training
                                                   images (the floor)

Each score is also computed for real images. All three sets have the same number of images and
splits, because both affect every score. All are 8-bit images; samples are rounded as in an image
file. Scores also depend on the classifier, whose sha256 is in the result. They measure whether a
classifier finds samples distinct and varied, not whether a model has learnt the distribution
(Grover et al., 2018, section 3.3).

Three sets of 10,000 images of 28x28 take about a minute on two cores with the classifier provided;
Inception v3 takes an hour or more.
"""

import numpy as np

from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds
from tfflowgan.metrics.classifier import Classifier, load_classifier
from tfflowgan.metrics.distances import distance_note, frechet_distance, kernel_distance
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.metrics.scorer import as_bytes, label_distribution
from tfflowgan.metrics.scores import inception_score, mode_score
from tfflowgan.statistics import unknown_mean

__all__ = ["evaluate", "score"]

_PART = 1000  # images scored between two saves of partial results
_PICTURES = 100


def evaluate(
    generator: Generator,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
    classifier: str | None = None,
    score_samples: int = 10_000,
    score_splits: int = 10,
    limit: int | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Scores a generator's samples, and real images for comparison.

    Args:
      generator: the model.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      classifier: a SavedModel, "inception_v3", or None for saved_models/DATASET_classifier.
      score_samples: how many samples; at most as many as there are test images, so that both
        are scored at the same count.
      score_splits: parts that are scored separately, for the standard errors; 10 in the papers.
      limit: use only the first images of each split.
      seed: for the samples.
      batch_size: images per pass; it does not change the results.

    Returns:
      A dict of
        samples, test, train: see `score`.
        count: images in each.
        classifier: its name, sha256, resize, classes and features.
        labels: fraction of each label among training images, or None.
        mode_score_note, distance_note: why such a score is missing or limited, or None.
      and the settings.

    Raises:
      UserError: too few images for the splits, samples that are not finite, or a classifier that
        does not fit the images.
    """
    if splits.image_shape != generator.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{generator.image_shape}."
        )
    test, train = splits.test.first(limit), splits.train.first(limit)
    count = min(score_samples, len(test), len(train))
    _check_count(count, score_splits)
    network = load_classifier(classifier, splits)
    seeds = image_seeds(seed, count)

    def draw(start, end):
        parts = [seeds[i : min(i + batch_size, end)] for i in range(start, end, batch_size)]
        return np.concatenate([generator.decode(generator.latents(part)).numpy() for part in parts])

    sets = {
        "samples": draw,
        "test": lambda a, b: test.images[a:b],
        "train": lambda a, b: train.images[a:b],
    }
    outputs = {
        name: _outputs(network, get, count, batch_size, loop, name) for name, get in sets.items()
    }
    prior, note = label_distribution(network, splits.train.labels)
    result: dict = {
        name: _summary(
            outputs[name], None if name == "test" else outputs["test"], prior, score_splits, seed
        )
        for name in sets
    }
    for name, split in (("test", test), ("train", train)):
        if network.labelled and split.labels is not None:
            right = outputs[name]["probabilities"].argmax(axis=1) == split.labels[:count]
            result[name]["accuracy"] = float(right.mean())
    features = outputs["test"]["features"].shape[1] if "features" in outputs["test"] else None
    return result | {
        "count": count,
        "score_samples": score_samples,
        "score_splits": score_splits,
        "limit": limit,
        "seed": seed,
        "dtype": generator.dtype,
        "classifier": {
            "name": network.name,
            "sha256": network.digest,
            "resize": network.resize,
            "classes": network.classes,
            "features": features,
        },
        "labels": None if prior is None else prior.tolist(),
        "mode_score_note": note,
        "distance_note": distance_note(features, count),
        "pictures": {"samples": (np.clip(draw(0, min(_PICTURES, count)), 0.0, 1.0), 10)},
    }


def score(
    images: np.ndarray,
    splits: Splits,
    classifier: Classifier | str | None = None,
    *,
    reference: np.ndarray | None = None,
    score_splits: int = 10,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Scores any images.

    Args:
      images: `uint8 [N, H, W, C]`, or floating-point ones in [0, 1].
      splits: the dataset that they imitate; its training labels are p*(y).
      classifier: a loaded classifier, or what `load_classifier` accepts.
      reference: other images, to which FID and KID are measured.
      score_splits: parts that are scored separately.
      seed: for the choice of parts for KID.
      batch_size: images per pass.

    Returns:
      {"count", "inception_score", "mode_score", "fid", "kid", "class_histogram": fraction of
      images for which each class is the most probable}. All scores but FID are means over splits
      with errors. FID is a single number: its bias at smaller counts rules out an error from
      splits. A mean is unknown, and FID None, where the score does not apply.

    Raises:
      UserError: as `evaluate`.
    """
    network = (
        classifier if isinstance(classifier, Classifier) else load_classifier(classifier, splits)
    )
    _check_count(
        len(images) if reference is None else min(len(images), len(reference)), score_splits
    )
    against = None if reference is None else network.outputs(as_bytes(reference), batch_size)
    prior, _ = label_distribution(network, splits.train.labels)
    return _summary(
        network.outputs(as_bytes(images), batch_size), against, prior, score_splits, seed
    )


def _outputs(network, get, count, batch_size, loop, label):
    """The classifier's outputs on images 0..count-1; `get(start, end)` returns a part of them."""

    def part(start):
        return network.outputs(as_bytes(get(start, min(start + _PART, count))), batch_size)

    parts = loop.map(
        f"{label}_{network.digest[:8]}", part, range(0, count, _PART), unit=f"{_PART} images"
    )
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _summary(outputs, reference, prior, splits, seed):
    p = outputs["probabilities"]
    fid, kid = None, unknown_mean(splits)
    if reference is not None and "features" in outputs:
        a, b = outputs["features"], reference["features"]
        fid, kid = (
            frechet_distance(a, b),
            kernel_distance(a, b, splits, min(len(a), len(b)) // splits, seed),
        )
    return {
        "count": len(p),
        "inception_score": inception_score(p, splits),
        "mode_score": unknown_mean(splits) if prior is None else mode_score(p, prior, splits),
        "fid": fid,
        "kid": kid,
        "class_histogram": (np.bincount(p.argmax(axis=1), minlength=p.shape[1]) / len(p)).tolist(),
    }


def _check_count(count, splits):
    if splits < 1:
        raise UserError(f"--score_splits={splits} must be at least 1.")
    if count < 2 * splits:
        raise UserError(
            f"{count} images each of samples, test and training images are too few for "
            f"--score_splits={splits}, each of which needs 2; raise --score_samples or --limit, "
            "or lower --score_splits."
        )

"""Two folders of images, made by any software: how far one is from the other.

    distance(part)       an independent critic's, trained on one half of the images and read on the other: `_independent_critic`
    FID, KID             between features of a classifier: `_distances`
    Inception score      of its class probabilities: `_scores`

Real and generated images are cut into halves, so that the critic is read on images that it was not trained on. Held-out real
images, which the generator has not seen, are all read: held out - real is the overfitting gap of a generator that was trained
on the real ones. FID falls with the number of images, so all of a classifier's numbers are of equally many images of each
folder; those of real against held-out images are what a perfect generator would have.
"""

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.evaluation import _independent_critic as independent
from tfflowgan.metrics.classifier import Classifier
from tfflowgan.metrics.distances import distance_note, frechet_distance, kernel_distance
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.metrics.scores import inception_score
from tfflowgan.report.results import FORMAT
from tfflowgan.statistics import mean_with_interval

__all__ = ["SPLITS", "compare"]

SPLITS = 10  # parts of the images that scores and kernel distances are means over
_HALVES, _ORDER = range(100, 102)  # streams of random numbers


def compare(
    images: dict[str, np.ndarray],
    classifier: Classifier | None = None,
    loop: ResumableLoop = ResumableLoop(),
    *,
    critic_updates: int = 500,
    critic_readings: int = 100,
    critic_batch: int = 64,
    seed: int = 0,
) -> dict:
    """Compares images with each other.

    Args:
      images: `uint8 [N, H, W, C]` each: "real", "generated", and perhaps "holdout".
      classifier: for FID, KID and Inception score; None leaves them out.
      loop: shows progress.
      critic_updates: as in `critic_distance`.
      critic_readings: as in `critic_distance`.
      critic_batch: as in `critic_distance`.
      seed: of the critic, of the halves, and of everything drawn.

    Returns:
      {"format", "counts", "image_shape", "distances": {"real", and perhaps "holdout": mean over
      readings with error and interval}, "gap": holdout - real, or None, "critic": see
      `_independent_critic.settings`, "scores": see `_scored`, or None, "seed"}.

    Raises:
      UserError: there are too few images of a kind, or what the classifier says is none.
    """
    for name, array in images.items():
        due = critic_batch * (2 if name == "holdout" else 4)
        if len(array) < due:
            parts = "two batches" if name == "holdout" else "two batches for each half"
            raise UserError(
                f"--{name} has {len(array)} images; the independent critic needs at least {due}: {parts}, of "
                f"--critic_batch={critic_batch}."
            )
    smallest = min(map(len, images.values()))
    if classifier is not None and smallest < 2 * SPLITS:
        raise UserError(
            f"--classifier needs at least {2 * SPLITS} images of each folder, and there are {smallest}."
        )
    train, other = _halves(images["real"], seed)
    parts = {"real": other} | ({"holdout": images["holdout"]} if "holdout" in images else {})
    values, curve = independent.measure(
        train,
        parts,
        _halves(images["generated"], seed),
        updates=critic_updates,
        readings=critic_readings,
        batch=critic_batch,
        seed=seed,
        loop=loop,
    )
    return {
        "format": FORMAT,
        "counts": {name: len(array) for name, array in images.items()},
        "image_shape": list(images["real"].shape[1:]),
        "distances": {name: mean_with_interval(v, seed) for name, v in values.items()},
        "gap": mean_with_interval(values["holdout"] - values["real"], seed)
        if "holdout" in images
        else None,
        "critic": independent.settings(curve, len(values["real"]), critic_batch, seed, "float32"),
        "scores": None if classifier is None else _scored(images, classifier, seed),
        "seed": seed,
    }


def _scored(images, classifier, seed):
    """The classifier's numbers, all of equally many images.

    Returns:
      {"classifier", "digest", "count", "inception_score": {name: mean with error}, "fid":
      {pair: value} and "kid": {pair: mean with error}, or None, "distance_note"}.
    """
    count = min(map(len, images.values()))
    order = {
        name: np.random.default_rng([seed, _ORDER]).permutation(len(array))[:count]
        for name, array in images.items()
    }
    outputs = {name: classifier.outputs(array[order[name]]) for name, array in images.items()}
    result = {"classifier": classifier.name, "digest": classifier.digest, "count": count}
    result |= {"fid": None, "kid": None, "distance_note": distance_note(None, count)}
    result["inception_score"] = {
        name: inception_score(o["probabilities"], SPLITS) for name, o in outputs.items()
    }
    if all("features" in o for o in outputs.values()):
        features = {name: o["features"] for name, o in outputs.items()}
        pairs = [
            ("generated", "real"),
            *([("generated", "holdout"), ("real", "holdout")] if "holdout" in images else []),
        ]
        result["distance_note"] = distance_note(features["real"].shape[1], count)
        result["fid"] = {f"{a}, {b}": frechet_distance(features[a], features[b]) for a, b in pairs}
        result["kid"] = {
            f"{a}, {b}": kernel_distance(features[a], features[b], SPLITS, count // SPLITS, seed)
            for a, b in pairs
        }
    return result


def _halves(images, seed):
    order = np.random.default_rng([seed, _HALVES]).permutation(len(images))
    half = len(images) // 2
    return images[order[:half]], images[order[half:]]

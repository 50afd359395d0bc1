"""Compares two folders of images from any software: how far is one from the other?

    distance(part)     of an independent critic, trained on one half of the images and
                       read on the other half: `_independent_critic`
    FID, KID           between a classifier's features: `metrics.distances`
    Inception score    of a classifier's class probabilities: `metrics.scores`

Real and generated images are split into halves, so that the critic is read on images that it was
not trained on. The generator has not seen the held-out real images, so all of them are read. If
the generator was trained on the real images, held out - real is its overfitting gap.

FID falls as the number of images grows. All classifier scores therefore use equally many images
of each folder, and the scores of real against held-out images are those of a perfect generator.
"""

import numpy as np

from tfflowgan import tf32
from tfflowgan.errors import UserError
from tfflowgan.evaluation._several_critics import several, summary
from tfflowgan.metrics.classifier import Classifier
from tfflowgan.metrics.distances import distance_note, frechet_distance, kernel_distance
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.metrics.scores import inception_score
from tfflowgan.report.results import FORMAT

__all__ = ["SPLITS", "compare"]

SPLITS = 10  # parts of the images over which scores and kernel distances are averaged
_HALVES, _ORDER = range(100, 102)  # streams of random numbers


@tf32.allowed(False)
def compare(
    images: dict[str, np.ndarray],
    classifier: Classifier | None = None,
    loop: ResumableLoop = ResumableLoop(),
    *,
    critics: int = 3,
    critic_updates: int = 500,
    critic_readings: int = 100,
    critic_batch: int = 64,
    seed: int = 0,
) -> dict:
    """Compares sets of images.

    Args:
      images: `uint8 [N, H, W, C]` each, named "real", "generated" and optionally "holdout".
      classifier: for FID, KID and Inception score; None omits them.
      loop: shows progress.
      critics: as in `critic_distance`.
      critic_updates: as in `critic_distance`.
      critic_readings: as in `critic_distance`.
      critic_batch: as in `critic_distance`.
      seed: for the critic, the halves and all random draws.

    Returns:
      {"format", "counts", "image_shape", "distances": {"real" and, if given, "holdout": mean over
      critics and readings, see `_several_critics.summary`}, "gap": holdout - real, or None,
      "critic": see `_independent_critic.settings`, "scores": see `_scored`, or None, "seed"}.

    Raises:
      UserError: a folder has too few images, or the classifier's output is not valid.
    """
    for name, array in images.items():
        needed = critic_batch * (2 if name == "holdout" else 4)
        if len(array) < needed:
            parts = "two batches" if name == "holdout" else "two batches for each half"
            raise UserError(
                f"--{name} has {len(array)} images; the independent critic needs at least "
                f"{needed}: {parts}, of --critic_batch={critic_batch}."
            )
    smallest = min(map(len, images.values()))
    if classifier is not None and smallest < 2 * SPLITS:
        raise UserError(
            f"--classifier needs at least {2 * SPLITS} images in each folder; the smallest has "
            f"{smallest}."
        )
    train, other = _halves(images["real"], seed)
    parts = {"real": other} | ({"holdout": images["holdout"]} if "holdout" in images else {})
    values, settings = several(
        critics,
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
        "distances": {name: summary(v, seed) for name, v in values.items()},
        "gap": summary(values["holdout"] - values["real"], seed) if "holdout" in images else None,
        "critic": settings,
        "scores": None if classifier is None else _scored(images, classifier, seed),
        "seed": seed,
    }


def _scored(images, classifier, seed):
    """The classifier's scores, all on equally many images.

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

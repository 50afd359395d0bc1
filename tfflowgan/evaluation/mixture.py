"""Two baselines: Gaussian mixtures on training images (GMM) and on the model's samples (KDE).

    p(x) = (1/N) sum_n N(x; c_n, sigma^2 I),   sigma in (0, 1] of the lowest validation NLL
    GMM    c_n the training images     (Grover et al., 2018, section 3.4, Figures 3, 6 and 7)
    KDE    c_n samples of the model    (Grover et al., 2018, table 3; Parzen, 1962)

The GMM draws training images with noise, so a model with a higher NLL and lower scores has learnt
less than a copy of the training set. The KDE is the density estimate available for a model without
a density; the exact NLL of the same images is given next to it. Training images are centred in
their pixels' intervals, c = (k + 1/2) / 256. Validation and test images carry the same noise as in
all other likelihoods. Scores of the GMM, of the model and of test images use the same number of
images.

A pass over 50,000 x 10,000 pairs with 16 bandwidths takes 42 s of one CPU core for 28x28x1 and
104 s for 32x32x3 (with one bandwidth 21 s and 89 s). The GMM needs two passes with many bandwidths
and one with one; the KDE needs the same with 10,000 centres. On MNIST this, with the samples,
scores and exact values, took 8 minutes on two cores shared with many processes, and 1.7 GB of
memory.
"""

import collections
import functools
from collections.abc import Callable

import numpy as np

from tfflowgan import units
from tfflowgan.datasets import Split, Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation import sample_scores
from tfflowgan.generators import Generator, image_seeds
from tfflowgan.metrics.classifier import load_classifier
from tfflowgan.metrics.isotropic_mixture import IsotropicMixture
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import mean_with_error, unknown_mean

__all__ = ["evaluate", "search"]

LONG = True

_RANGE = (0.01, 1.0)  # of sigma; 0.01 is 2.6 pixel values, and such copies look like the images
_PAPERS = {"mnist": 0.1, "cifar10": 0.07}  # Grover et al. (2018), Figure 7
_PART = 1000  # points whose log-densities are saved together, and samples
_PICTURED = 64
_SCORES = ("inception_score", "mode_score")


def evaluate(
    generator: Generator,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
    classifier: str | None = None,
    kde_samples: int = 10000,
    bandwidths: int = 16,
    mixture_score_samples: int = 1000,
    score_splits: int = 10,
    limit: int | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Compares a model with the two mixtures.

    Args:
      generator: the model; if it has a density, its exact NLL is reported with the KDE's.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      classifier: as in `sample_scores`. With None, a dataset without a classifier of its own has
        no scores.
      kde_samples: samples on which the KDE is centred.
      bandwidths: points of the line search over sigma in [0.01, 1], evenly spaced in log sigma,
        and as many again between the two neighbours of the best.
      mixture_score_samples: images per score: samples of the GMM at every bandwidth of the first
        search and at the best, samples of the model, test images.
      score_splits: as in `sample_scores`.
      limit: use only the first images of each split, and at most as many samples in the KDE;
        recorded in the counts.
      seed: for noise and samples.
      batch_size: images per pass; it does not change the results.

    Returns:
      A dict of
        gmm, kde: {"centres", "bandwidth", "at_end": whether it is an end of the range,
          "neighbour_ratio": of the next bandwidths to it, "validation_nll", "test_nll" and so on:
          means with errors, "curve": the same by bandwidth}. Computed in float64 for any model.
        exact: the model's own NLLs, or None.
        model, test_images: scores, unknown without a classifier.
      and the settings.

    Raises:
      UserError: the images do not have the model's shape, there is too little to search or to
        score, or a sample is not finite.
    """
    if splits.image_shape != generator.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{generator.image_shape}."
        )
    if bandwidths < 3:
        raise UserError(
            f"--bandwidths={bandwidths} must be at least 3, so that the best one can have "
            "neighbours."
        )
    if mixture_score_samples < 2 * score_splits:
        raise UserError(
            f"--mixture_score_samples={mixture_score_samples} must be at least 2 for each of "
            f"--score_splits={score_splits}."
        )
    network, why = _load_classifier(classifier, splits)
    train, *held_out = (
        getattr(splits, name).first(limit) for name in ("train", "validation", "test")
    )
    points = (_dequantized(held_out[0], seed), _dequantized(held_out[1], seed))
    count = kde_samples if limit is None else min(kde_samples, limit)
    samples = _samples(generator, max(count, mixture_score_samples), seed, batch_size, loop)
    paper = _PAPERS.get(splits.name)
    grid = np.geomspace(*_RANGE, bandwidths)
    gmm_grid = grid if paper is None else np.union1d(grid[~np.isclose(grid, paper)], paper)

    gmm = IsotropicMixture(_midpoints(train.images))
    result: dict = {"gmm": _fit(gmm, *points, gmm_grid, loop, "gmm")}
    best = result["gmm"]["bandwidth"]
    drawn: dict = {
        sigma: functools.partial(gmm.sample, mixture_score_samples, sigma, seed)
        for sigma in sorted({*gmm_grid.tolist(), best})
    }
    drawn["model"] = lambda: samples[:mixture_score_samples]
    if len(held_out[1]) >= mixture_score_samples:
        drawn["test_images"] = lambda: held_out[1].images[:mixture_score_samples]
    scores = _scores(drawn, network, splits, score_splits, batch_size, loop)
    for row in result["gmm"]["curve"]:
        row |= scores[row["bandwidth"]]
    result["gmm"] |= scores[best]
    result |= {name: scores[name] for name in ("model", "test_images")}

    result["kde"] = _fit(IsotropicMixture(samples[:count]), *points, grid, loop, "kde")
    result["exact"] = None
    if generator.has_density:
        rows = [
            log_probs(generator, split, 1, seed, batch_size, loop, f"model_{i}")
            for i, split in enumerate(held_out)
        ]
        result["exact"] = _summary(
            -rows[0][0], -rows[1][0], generator.dims, "the model; try --dtype=float64"
        )
    return result | {
        "dataset": splits.name,
        "dims": generator.dims,
        "validation": len(held_out[0]),
        "test": len(held_out[1]),
        "classifier": {"name": network.name, "sha256": network.digest} if network else None,
        "no_scores": why,
        "mixture_score_samples": mixture_score_samples,
        "score_splits": score_splits,
        "bandwidths": bandwidths,
        "paper_bandwidth": paper,
        "limit": limit,
        "seed": seed,
        "dtype": generator.dtype,
        "mixture_dtype": "float64",
        "pictures": {
            name: (np.clip(gmm.sample(_PICTURED, sigma, seed), 0.0, 1.0), 8)
            for name, sigma in (("gmm_best", best), ("gmm_paper", paper))
            if sigma is not None
        },
    }


def search(
    nlls: Callable[[np.ndarray], np.ndarray], grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """A line search in two passes: over a grid, then between the neighbours of its best point.

    The second pass has as many bandwidths as the first, evenly spaced in the logarithm. The best
    bandwidth has the lowest mean.

    Args:
      nlls: a function from bandwidths `[K]` to the NLLs of N images, `[K, N]`; called twice.
      grid: `[K]`, increasing.

    Returns:
      All bandwidths in order, the NLLs at each, and the index of the best.
    """
    values = nlls(grid)
    best = int(np.argmin(values.mean(axis=1)))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    count = len(grid) + len(grid) % 2  # an odd number would repeat the best, in the middle
    finer = np.geomspace(low, high, count + 2)[1:-1]
    grid, values = np.concatenate([grid, finer]), np.concatenate([values, nlls(finer)])
    order = np.argsort(grid)
    return grid[order], values[order], int(np.argmin(values[order].mean(axis=1)))


def _fit(mixture, validation, test, grid, loop, name):
    """The best bandwidth on validation images, and its NLL on test images."""
    labels = iter((f"{name}_search", f"{name}_finer_search"))
    grid, values, best = search(
        lambda s: _mixture_nlls(mixture, validation, s, loop, next(labels)), grid
    )
    tests = _mixture_nlls(mixture, test, grid[best : best + 1], loop, f"{name}_test")[0]
    nearby = np.log(grid[max(best - 1, 0) : best + 2])
    return {
        "centres": mixture.count,
        "bandwidth": float(grid[best]),
        "at_end": best in (0, len(grid) - 1),
        "neighbour_ratio": float(np.exp(np.diff(nearby).max())),
        **_summary(values[best], tests, mixture.dims, f"the {name.upper()}"),
        "curve": [
            {"bandwidth": float(s), "validation_nll": mean_with_error(v)}
            for s, v in zip(grid, values, strict=True)
        ],
    }


def _mixture_nlls(mixture, images, sigmas, loop, label):
    """NLLs `[K, N]`, computed in blocks of images."""
    keys = range(0, len(images), _PART)
    parts = loop.map(
        label,
        lambda i: {"nll": -mixture.log_prob(images[i : i + _PART], sigmas)},
        keys,
        unit=f"{_PART} images",
    )
    return np.concatenate([part["nll"] for part in parts], axis=1)


def _load_classifier(classifier, splits):
    """The classifier, or None and the reason why the dataset has none of its own."""
    try:
        return load_classifier(classifier, splits), None
    except UserError as error:
        if classifier is not None:
            raise
        return None, str(error)


def _scores(drawn, network, splits, score_splits, batch_size, loop):
    """The scores of the images that each function draws, by its key; unknown for other keys."""
    unknown = {name: unknown_mean(score_splits) for name in _SCORES}
    if network is None:
        return collections.defaultdict(lambda: unknown)
    settings = {"score_splits": score_splits, "batch_size": batch_size}

    def part(key):
        scored = sample_scores.score(drawn[key](), splits, network, **settings)
        pairs = {name: (scored[name]["value"], scored[name]["standard_error"]) for name in _SCORES}
        return {name: np.array(pair, np.float64) for name, pair in pairs.items()}  # NaN for None

    label = f"scores_of_mixtures_{network.digest[:8]}"
    parts = loop.map(label, part, list(drawn), unit="bandwidth")
    known = {
        key: {name: _kept_mean(pair, score_splits) for name, pair in part.items()}
        for key, part in zip(drawn, parts, strict=True)
    }
    return collections.defaultdict(lambda: unknown, known)


def _kept_mean(pair, count):
    """A mean that was saved as an array of its value and its error."""
    value, error = (None if np.isnan(number) else float(number) for number in pair)
    return {"value": value, "standard_error": error, "count": count}


def _summary(validation, test, dims, what):
    """Mean NLLs of both splits with their standard errors over images, in nats and in bits/dim."""
    return _nll(validation, dims, "validation", what) | _nll(test, dims, "test", what)


def _nll(nll, dims, name, what):
    bad = int(np.sum(~np.isfinite(nll)))
    if bad:
        raise UserError(
            f"{bad} of {len(nll)} log-densities of {name} images are not finite under {what}."
        )
    return {
        f"{name}_nll": mean_with_error(nll),
        f"{name}_bits_per_dim": mean_with_error(units.bits_per_dim(-nll, dims)),
    }


def _dequantized(split: Split, seed):
    """All images of a split with their evaluation noise, float32 `[N, H, W, C]`."""
    batches = [images.numpy() for images, _ in evaluation_batches(split, _PART, seed)]
    return np.concatenate(batches)[: len(split)]


def _midpoints(images):
    """The middles of the pixels' intervals, float32, computed in blocks to save memory."""
    result = np.empty(images.shape, np.float32)
    for i in range(0, len(images), _PART):
        result[i : i + _PART] = units.dequantize(
            images[i : i + _PART].astype(np.float32), np.float32(0.5)
        )
    return result


def _samples(generator, count, seed, batch_size, loop):
    """The model's samples, float32 `[count, H, W, C]`."""

    def part(start):
        seeds = image_seeds(seed, count)[start : start + _PART]
        batches = [
            generator.decode(generator.latents(seeds[i : i + batch_size]))
            for i in range(0, len(seeds), batch_size)
        ]
        return {"images": np.concatenate(batches).astype(np.float32)}

    parts = loop.map("samples", part, range(0, count, _PART), unit=f"{_PART} samples")
    images = np.concatenate([part["images"] for part in parts])
    bad = int(np.sum(~np.isfinite(images).all(axis=(1, 2, 3))))
    if bad:
        raise UserError(
            f"{bad} of {count} samples of the model are not finite, so there is no KDE; try "
            "--dtype=float64."
        )
    return images

"""Exact likelihoods: of each split, of the model's own samples, and how far float32 can be trusted.

    NLL(x) = -(1/K) sum_k log p((x + u_k) / 256)                                  K draws of the noise u
    bound(x) = -log (1/K) sum_k p((x + u_k) / 256)  <=  NLL(x)                    the importance-weighted bound

NLL averages a bound on the code length of 8-bit pixels (Danihelka et al., 2017, Eq. 3); with more draws the second form
comes closer to it (Burda et al., 2016, with the uniform noise as proposal). Standard errors are over images.
"""

import math

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfflowgan import units
from tfflowgan.datasets import Split, Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow, image_seeds

__all__ = ["evaluate", "inverse_error", "log_probs", "sample_log_probs"]

_PARTS = ("train", "validation", "test")


def evaluate(
    flow: Flow,
    splits: Splits,
    draws: int = 1,
    importance_weighted: bool = False,
    limit: int | None = None,
    samples: int = 1000,
    checked: int = 100,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Evaluates a flow on all splits.

    Args:
      flow: the model.
      splits: uint8 images of its shape.
      draws: K, dequantisation draws an image.
      importance_weighted: also the bound.
      limit: only the first images of each split; recorded in the counts.
      samples: own samples to score.
      checked: test images on which the inverse is checked in float32 and float64.
      seed: of noise and samples.
      batch_size: images a pass; results do not depend on it.

    Returns:
      {"train", "validation", "test", "own_samples": values in all units, "inverse": see `inverse_error`, and the settings}.

    Raises:
      UserError: the images are not of the flow's shape, or a log-density is not finite.
    """
    if splits.image_shape != flow.image_shape:
        raise UserError(f"the images of {splits.name} are {splits.image_shape} where the model has {flow.image_shape}.")
    if importance_weighted and draws < 2:
        raise UserError("--importance_weighted needs --draws of at least 2.")
    result: dict = {"draws": draws, "seed": seed, "limit": limit, "dtype": flow.dtype}
    for name in _PARTS:
        split = getattr(splits, name).first(limit)
        values = log_probs(flow, split, draws, seed, batch_size, label=name)
        result[name] = _summary(values.mean(axis=0), flow.dims, name)
        if importance_weighted:
            result[name]["importance_weighted"] = _summary(_log_mean_exp(values), flow.dims, name)
    result["own_samples"] = _summary(sample_log_probs(flow, samples, seed, batch_size), flow.dims, "own samples")
    result["inverse"] = inverse_error(flow, splits.test.first(min(checked, limit or checked)), seed)
    return result


def log_probs(
    flow: Flow, split: Split, draws: int = 1, seed: int = 0, batch_size: int = 256, label: str | None = None
) -> np.ndarray:
    """Log-densities of a split, float64 `[draws, N]`, in nats; with a progress bar if it has a label."""
    rows = []
    batch_size = min(batch_size, len(split))
    total = draws * len(split)
    with tqdm(total=total, desc=label, unit="image", disable=None if label else True, leave=False) as bar:
        for draw in range(draws):
            values = []
            for images, _ in evaluation_batches(split, batch_size, seed, draw):
                values.append(flow.log_prob(images).numpy().astype(np.float64))
                bar.update(len(images))
            rows.append(np.concatenate(values)[: len(split)])
    return np.stack(rows)


def sample_log_probs(flow: Flow, count: int, seed: int = 0, batch_size: int = 256) -> np.ndarray:
    """Log-densities of a flow's own samples, float64 `[count]`, in nats, from the pass that drew them."""
    seeds = image_seeds(seed, count)
    parts = [flow.sample_from_seeds(seeds[i : i + batch_size])[1].numpy() for i in range(0, count, batch_size)]
    return np.concatenate(parts).astype(np.float64)


def inverse_error(flow: Flow, split: Split, seed: int = 0) -> dict:
    """How exactly a flow inverts, in its dtype and in float64.

    Args:
      flow: the model.
      split: images to encode and decode.
      seed: of their noise.

    Returns:
      {"count", "float32": greatest |decode(encode(x)) - x| over all pixels, "float64": the same in float64,
      "log_prob_difference": the greatest relative difference of the two log-densities}. For a flow in float64 only
      "float64" is there.
    """
    images = next(iter(evaluation_batches(split, len(split), seed)))[0]
    double = flow if flow.dtype == "float64" else flow.astype("float64")
    result = {"count": len(split), "float64": _round_trip(double, images)}
    if flow is not double:
        exact = double.log_prob(images)
        difference = tf.abs(tf.cast(flow.log_prob(images), tf.float64) - exact) / tf.abs(exact)
        result |= {flow.dtype: _round_trip(flow, images), "log_prob_difference": float(tf.reduce_max(difference))}
    return result


def _round_trip(flow, images):
    images = tf.cast(images, flow.dtype)
    return float(tf.reduce_max(tf.abs(flow.decode(flow.encode(images)) - images)))


def _summary(log_prob, dims, name):
    if not np.isfinite(log_prob).all():
        bad = int(np.sum(~np.isfinite(log_prob)))
        raise UserError(f"{bad} of {len(log_prob)} log-densities of {name} are not finite; the model cannot be scored.")
    mean, error = float(log_prob.mean()), float(log_prob.std(ddof=1) / math.sqrt(len(log_prob))) if len(log_prob) > 1 else None
    return {
        "count": len(log_prob),
        "nll": -mean,
        "nll_standard_error": error,
        "bits_per_dim": units.bits_per_dim(mean, dims),
        "bits_per_dim_standard_error": None if error is None else error / (dims * math.log(2.0)),
        "code_length": units.code_length(mean, dims),
    }


def _log_mean_exp(values):
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).mean(axis=0))

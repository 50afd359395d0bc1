"""Exact likelihoods: of each split and of the model's own samples, and the accuracy of float32.

    NLL(x) = -(1/K) sum_k log p((x + u_k) / 256)                  K draws of the noise u
    bound(x) = -log (1/K) sum_k p((x + u_k) / 256)  <=  NLL(x)    the importance-weighted bound
    E NLL(own samples) = H(prior) + E log |det dG/dz|             an identity that every flow meets

NLL averages a bound on the code length of 8-bit pixels (Danihelka et al., 2017, Eq. 3). With more
draws, the second form is closer to that code length (Burda et al., 2016, with the uniform noise as
proposal). Standard errors are over images. The histogram is that of Danihelka et al., 2017,
Figure 6.
"""

import math

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets import Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow, image_seeds
from tfflowgan.metrics.log_probs import log_probs, sample_log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import finite_or_none, mean_with_error

__all__ = ["evaluate", "inverse_error", "own_precision", "precision", "summary"]

_PARTS = ("train", "validation", "test")
_BINS = 60
_TRUSTED = 0.01  # largest relative difference of two NLLs of one image for float32 to be trusted
# Nats per value, 0.001 bits/dim. Near an NLL of 0 a relative difference has no meaning.
_NEGLIGIBLE = 0.001 * math.log(2.0)


def evaluate(
    flow: Flow,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
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
      loop: shows progress and keeps partial results.
      draws: K, dequantization draws per image.
      importance_weighted: also compute the importance-weighted bound.
      limit: use only the first images of each split; recorded in the counts.
      samples: own samples to score.
      checked: test images, and own samples, whose densities and inverses are also computed in
        float64.
      seed: for noise and samples.
      batch_size: images per pass; it does not change the results.

    Returns:
      A dict of
        train, validation, test, own_samples: values in all units, the last from the pass that
          draws the samples.
        identity: both sides of the identity, with the NLL from the inverse pass.
        precision: see `precision`, of test images and own samples.
        histogram: counts by NLL.
        arrays: NLLs of single images of each, float32 `[N]` in nats.
      and the settings.

    Raises:
      UserError: the images do not have the flow's shape, or a log-density is not finite.
    """
    if splits.image_shape != flow.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{flow.image_shape}."
        )
    if importance_weighted and draws < 2:
        raise UserError("--importance_weighted needs --draws of at least 2.")
    result: dict = {
        "draws": draws,
        "seed": seed,
        "limit": limit,
        "dtype": flow.dtype,
        "dims": flow.dims,
    }
    nlls = {}
    for name in _PARTS:
        split = getattr(splits, name).first(limit)
        values = log_probs(flow, split, draws, seed, batch_size, loop, name)
        nlls[name] = -values.mean(axis=0)
        result[name] = summary(nlls[name], flow.dims, name)
        if importance_weighted:
            result[name]["importance_weighted"] = summary(-_log_mean_exp(values), flow.dims, name)
    own, back, log_dets = sample_log_probs(flow, samples, seed, batch_size, loop)
    nlls["own_samples"] = -own
    result["own_samples"] = summary(-own, flow.dims, "own samples")
    result["identity"] = _identity(flow, -back, log_dets)
    images = next(
        iter(evaluation_batches(splits.test.first(min(checked, limit or checked)), checked, seed))
    )[0]
    result["precision"] = {
        "test": precision(flow, images),
        "own_samples": own_precision(flow, flow.latents(image_seeds(seed, min(checked, samples)))),
    }
    result["histogram"] = _histogram(nlls)
    result["arrays"] = {name: values.astype(np.float32) for name, values in nlls.items()}
    return result


def precision(flow: Flow, images: tf.Tensor, exact: Flow | None = None) -> dict:
    """How accurately a flow inverts and scores images, in its dtype and in float64.

    Args:
      flow: the model.
      images: `[B, H, W, C]` in [0, 1].
      exact: the same flow in float64, if it exists already.

    Returns:
      {"count", "inverse_error": greatest |decode(encode(x)) - x| by dtype, "nll": means by dtype,
      None where not finite, "relative_difference": of these, or None, "trusted": whether it is at
      most 1 %, or 0.001 bits/dim}. A flow in float64 has only "float64", and a flow of the user's
      own without the option `dtype` has only its own dtype.
    """
    exact = exact or flow.exact()
    flows = {flow.dtype: flow, exact.dtype: exact}
    nll = {
        dtype: finite_or_none(-tf.reduce_mean(model.log_prob(images, check=False)))
        for dtype, model in flows.items()
    }
    errors = {dtype: inverse_error(model, images) for dtype, model in flows.items()}
    return {"count": len(images), "inverse_error": errors, "nll": nll, **_agreement(nll, flow.dims)}


def own_precision(flow: Flow, latents: tf.Tensor) -> dict:
    """The same as `precision` for the images of latents `[B, D]`, whose NLL comes in two ways.

    Returns:
      As `precision`. "nll" holds, for each dtype, the NLL of the images that it draws from the
      latents: "<dtype>" from the pass that draws them, "<dtype>, inverted" from the inverse pass.
      Trusted if all of them agree.
    """
    result: dict = {"count": len(latents), "inverse_error": {}, "nll": {}}
    exact = flow.exact()
    for dtype, model in {flow.dtype: flow, exact.dtype: exact}.items():
        images, log_prob = model.decode_with_log_prob(latents)
        result["inverse_error"][dtype] = inverse_error(model, images)
        result["nll"] |= {
            dtype: finite_or_none(-tf.reduce_mean(log_prob)),
            f"{dtype}, inverted": finite_or_none(
                -tf.reduce_mean(model.log_prob(images, check=False))
            ),
        }
    return result | _agreement(result["nll"], flow.dims)


def inverse_error(flow: Flow, images: tf.Tensor) -> float | None:
    """The greatest |decode(encode(x)) - x| over all pixels of images `[B, H, W, C]`.

    None where it is not finite.
    """
    images = tf.cast(images, flow.dtype)
    return finite_or_none(
        tf.reduce_max(tf.abs(flow.decode(flow.encode(images, check=False)) - images))
    )


def summary(nll: np.ndarray, dims: int, name: str) -> dict:
    """Mean NLLs in all units, with standard errors over images.

    Args:
      nll: nats per image, `[N]`.
      dims: D.
      name: of the images, for the message.

    Returns:
      {"count", "nll" in nats, "bits_per_dim": means with errors, "code_length": nats}.

    Raises:
      UserError: a value is not finite.
    """
    if not np.isfinite(nll).all():
        bad = int(np.sum(~np.isfinite(nll)))
        raise UserError(
            f"{bad} of {len(nll)} log-densities of {name} are not finite, so the model has no "
            "score; try --dtype=float64."
        )
    nats = np.asarray(nll, np.float64)
    return {
        "count": len(nll),
        "nll": mean_with_error(nats),
        "bits_per_dim": mean_with_error(units.bits_per_dim(-nats, dims)),
        "code_length": float(units.code_length(-nats.mean(), dims)),
    }


def _identity(flow, nll, log_dets):
    """Both sides of the identity.

    They differ by the sampling error of H(prior), and by the errors of the inverse pass.
    """
    entropy = float(flow.prior().entropy())
    return {
        "prior_entropy": entropy,
        "mean_log_det": float(log_dets.mean()),
        "log_det": mean_with_error(log_dets),
        "own_samples_nll": float(nll.mean()),
        "difference": mean_with_error(nll - log_dets - entropy),
    }


def _agreement(nll, dims):
    """How far the NLLs of one set of images are from that in float64, or else from the first."""
    if None in nll.values():
        return {"relative_difference": None, "trusted": False}
    exact = nll.get("float64", next(iter(nll.values())))
    difference = max(abs(value - exact) for value in nll.values())
    return {
        "relative_difference": difference / max(abs(exact), 1e-12),
        "trusted": difference <= max(_TRUSTED * abs(exact), _NEGLIGIBLE * dims),
    }


def _histogram(nlls):
    """Counts by NLL. Own samples have their own bins, as they may lie far from the images."""
    result = {}
    for names in (_PARTS, ("own_samples",)):
        pooled = np.concatenate([nlls[name] for name in names])
        low, high = pooled.min(), pooled.max()
        # equal values need a width too
        edges = np.linspace(low, max(high, low + 1e-6 * max(1.0, abs(low))), _BINS + 1)
        result |= {
            name: {"edges": edges.tolist(), "counts": np.histogram(nlls[name], edges)[0].tolist()}
            for name in names
        }
    return result


def _log_mean_exp(values):
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).mean(axis=0))

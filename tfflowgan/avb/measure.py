"""What is measured of a variational auto-encoder: its ELBO, its exact KL divergence, and what discriminators say of it."""

import numpy as np
import tensorflow as tf

from tfflowgan.avb.model import AVB
from tfflowgan.datasets import encoder_noise

__all__ = ["measure"]

_BATCH = 500


def measure(model: AVB, images: np.ndarray, seed: int) -> dict:
    """The ELBO, the exact KL divergence and every discriminator's estimate of it, means over images, in nats per image.

    Args:
      model: to measure.
      images: binary, `[N, D]`.
      seed: of the noise, one draw an image.

    Returns:
      "elbo" and "reconstruction"; "kl" as {"nats", "standard_error", "terms"}; "discriminators": by name the same, with "gap",
      theirs minus the exact one, "gap_standard_error", and "term_gaps" and "term_gap_standard_errors"; "kl_closed_form" where the
      encoder has one. Lists of single terms are None where these are not known, standard errors where there is one image.
    """
    noise = encoder_noise(len(images), model.encoder.latents, seed)
    compute = tf.function(lambda x, n: _measurement(model, x, n), reduce_retracing=True, autograph=False)
    parts = [compute(images[i : i + _BATCH], noise[i : i + _BATCH]) for i in range(0, len(images), _BATCH)]
    whole = {name: np.concatenate([part[name] for part in parts]).astype(np.float64) for name in parts[0]}
    exact, exact_terms = whole["kl"], whole.get("kl_terms")
    result = {
        "elbo": float(np.mean(whole["reconstruction"] - exact)),
        "reconstruction": float(np.mean(whole["reconstruction"])),
        "kl": _mean(exact) | {"terms": None if exact_terms is None else exact_terms.mean(0).tolist()},
        "discriminators": {},
    }
    if "kl_closed_form" in whole:
        result["kl_closed_form"] = float(whole["kl_closed_form"].mean())
    for name, discriminator in model.discriminators.items():
        terms = whole[name]
        entry = _mean(terms.sum(-1)) | {"terms": terms.mean(0).tolist() if discriminator.has_terms else None}
        entry |= {
            "gap" + key: value for key, value in zip(("", "_standard_error"), _mean(terms.sum(-1) - exact).values(), strict=True)
        }
        by_term = discriminator.has_terms and exact_terms is not None
        gaps = [_mean(gap) for gap in (terms - exact_terms).T] if by_term else None
        entry["term_gaps"] = [gap["nats"] for gap in gaps] if by_term else None
        entry["term_gap_standard_errors"] = [gap["standard_error"] for gap in gaps] if by_term else None
        result["discriminators"][name] = entry
    return result


def _measurement(model, images, noise):
    images, noise = tf.cast(images, model.encoder.dtype), tf.cast(noise, model.encoder.dtype)
    parts = model.parts_of_elbo(images, noise)
    result = {name: parts[name] for name in ("reconstruction", "kl", "kl_terms") if parts[name] is not None}
    if hasattr(model.encoder, "kl_terms"):
        result["kl_closed_form"] = tf.reduce_sum(model.encoder.kl_terms(model.features(images)), axis=-1)
    return result | {name: model.estimate(name, images, parts["latents"]) for name in model.discriminators}


def _mean(values):
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return {"nats": float(values.mean()), "standard_error": error}

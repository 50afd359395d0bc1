"""Measures a variational auto-encoder: ELBO, exact KL divergence and discriminators' estimates."""

import numpy as np
import tensorflow as tf

from tfflowgan import tf32
from tfflowgan.avb.model import AVB
from tfflowgan.datasets import encoder_noise
from tfflowgan.report.results import FORMAT
from tfflowgan.statistics import mean_with_error

__all__ = ["measure"]

_BATCH = 500


@tf32.allowed(False)
def measure(model: AVB, images: np.ndarray, seed: int) -> dict:
    """The ELBO, the exact KL divergence and its estimates, means over images in nats per image.

    Args:
      model: the model.
      images: binary, `[N, D]`.
      seed: for the noise, one draw per image.

    Returns:
      A dict of
        format, elbo, reconstruction.
        kl: mean with error and "terms".
        discriminators: by name the same, with "gap", the estimate minus the exact KL, and
          "term_gaps", a list of the terms' gaps, both means with errors.
        kl_closed_form: if the encoder has one.
      Lists of single terms are None where these are not known.
    """
    noise = encoder_noise(len(images), model.encoder.latents, seed)
    compute = tf.function(
        lambda x, n: _measurement(model, x, n), reduce_retracing=True, autograph=False
    )
    parts = [
        compute(images[i : i + _BATCH], noise[i : i + _BATCH])
        for i in range(0, len(images), _BATCH)
    ]
    whole = {
        name: np.concatenate([part[name] for part in parts]).astype(np.float64) for name in parts[0]
    }
    exact, exact_terms = whole["kl"], whole.get("kl_terms")
    result = {
        "format": FORMAT,
        "elbo": float(np.mean(whole["reconstruction"] - exact)),
        "reconstruction": float(np.mean(whole["reconstruction"])),
        "kl": {
            **mean_with_error(exact),
            "terms": None if exact_terms is None else exact_terms.mean(0).tolist(),
        },
        "discriminators": {},
    }
    if "kl_closed_form" in whole:
        result["kl_closed_form"] = float(whole["kl_closed_form"].mean())
    for name, discriminator in model.discriminators.items():
        terms = whole[name]
        result["discriminators"][name] = {
            **mean_with_error(terms.sum(-1)),
            "terms": terms.mean(0).tolist() if discriminator.has_terms else None,
            "gap": mean_with_error(terms.sum(-1) - exact),
            "term_gaps": [mean_with_error(gap) for gap in (terms - exact_terms).T]
            if discriminator.has_terms and exact_terms is not None
            else None,
        }
    return result


def _measurement(model, images, noise):
    images, noise = tf.cast(images, model.encoder.dtype), tf.cast(noise, model.encoder.dtype)
    parts = model.parts_of_elbo(images, noise)
    result = {
        name: parts[name]
        for name in ("reconstruction", "kl", "kl_terms")
        if parts[name] is not None
    }
    if hasattr(model.encoder, "kl_terms"):
        result["kl_closed_form"] = tf.reduce_sum(
            model.encoder.kl_terms(model.features(images)), axis=-1
        )
    return result | {
        name: model.estimate(name, images, parts["latents"]) for name in model.discriminators
    }

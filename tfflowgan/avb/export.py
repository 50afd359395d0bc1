"""The SavedModel of a variational auto-encoder.

    NAME/VERSION/     signatures; every input has the batch as its first axis
      encode            images float32 [B, H, W, C] in [0, 1], seeds int64 [B]
                        -> latents [B, L], log_q [B], nats
      decode            latents float32 [B, L] -> images [B, H, W, C], the probability of each value
      elbo              images, seeds -> elbo, reconstruction, kl [B], nats per image
      serving_default   elbo

As in training, images are binarized inside the model: each value is 1 with its own probability,
drawn from the image's seed.
"""

import json
import os
import pathlib

import tensorflow as tf

from tfflowgan.avb.model import AVB
from tfflowgan.serving.saved_model import publish

__all__ = ["export"]


def export(
    model: AVB, image_shape: tuple[int, int, int], folder: str | os.PathLike, notes: dict
) -> pathlib.Path:
    """Writes a model as the next version of a SavedModel; returns its path.

    Args:
      model: a trained model.
      image_shape: `(H, W, C)`.
      folder: NAME.
      notes: plain values to store with the model.
    """
    served = tf.Module(name="avb")
    parts = (model.features, model.encoder, model.decoder)
    served.model_variables = [weight.value for part in parts for weight in part.weights]

    def write(part):
        tf.saved_model.save(served, str(part), signatures=_signatures(model, image_shape))
        (part / "assets.extra").mkdir(exist_ok=True)
        (part / "assets.extra" / "tfflowgan_avb.json").write_text(
            json.dumps(notes, indent=2) + "\n"
        )

    return publish(folder, write)


def _signatures(model, image_shape):
    """The functions by name, each traced once when it is saved."""
    images = tf.TensorSpec([None, *image_shape], tf.float32, "images")
    seeds = tf.TensorSpec([None], tf.int64, "seeds")
    latents = tf.TensorSpec([None, model.encoder.latents], tf.float32, "latents")

    def encode(images, seeds):
        values, noise = _draws(images, seeds, model.encoder.latents)
        drawn, log_q, _ = model.encoder.draw(model.features(values), noise)
        return {"latents": drawn, "log_q": log_q}

    def decode(latents):
        return {"images": tf.reshape(tf.sigmoid(model.decoder(latents)), [-1, *image_shape])}

    def elbo(images, seeds):
        parts = model.parts_of_elbo(*_draws(images, seeds, model.encoder.latents))
        value = parts["reconstruction"] - parts["kl"]
        return {"elbo": value, "reconstruction": parts["reconstruction"], "kl": parts["kl"]}

    named = {
        "encode": tf.function(encode, [images, seeds], autograph=False),
        "decode": tf.function(decode, [latents], autograph=False),
        "elbo": tf.function(elbo, [images, seeds], autograph=False),
    }
    return named | {"serving_default": named["elbo"]}


def _draws(images, seeds, latents):
    """Binary images `[B, D]` and noise `[B, L]`; each row depends on its image and seed alone.

    Inputs are checked in the graph.
    """
    good = tf.reduce_all((images >= 0.0) & (images <= 1.0))  # both are false for NaN
    rows = [tf.shape(images)[0], tf.shape(seeds)[0]]
    checks = [
        tf.debugging.Assert(good, ["images have values outside 0 to 1, or that are not finite"]),
        tf.debugging.Assert(
            tf.equal(*rows), ["images and seeds have different numbers of rows:", *rows]
        ),
    ]
    with tf.control_dependencies(checks):
        images, seeds = tf.identity(images), tf.identity(seeds)
    flat = tf.reshape(images, [tf.shape(images)[0], images.shape[1:].num_elements()])

    def one(seed):
        pair = tf.bitcast(seed, tf.int32)
        uniform = tf.random.stateless_uniform([flat.shape[1]], tf.random.fold_in(pair, 0))
        return uniform, tf.random.stateless_normal([latents], tf.random.fold_in(pair, 1))

    specs = (tf.TensorSpec([flat.shape[1]], tf.float32), tf.TensorSpec([latents], tf.float32))
    uniform, noise = tf.map_fn(one, seeds, fn_output_signature=specs)
    return tf.cast(uniform < flat, tf.float32), noise

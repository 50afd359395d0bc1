"""Signatures of a served model: functions with named inputs and outputs, batch first.

    log_prob       images float32 [B, H, W, C]      -> log_prob [B], nats on [0, 1]^D
    bits_per_dim   images uint8 [B, H, W, C],
                   seeds int64 [B]                  -> bits_per_dim [B], the mean over noise draws
    score_encoded  encoded_bytes string [B],
                   seeds int64 [B]                  -> bits_per_dim [B], of JPEG and PNG files,
                                                       decoded, cut and resized as for training
    sample         seeds int64 [B],
                   temperature float32 [B]          -> images [B, H, W, C],
                                                       log_prob [B] at temperature 1
    encode         images float32                   -> latents [B, D]
    decode         latents float32 [B, D]           -> images, log_prob
    reconstruct    images float32, seeds,
                   keep float32 [B]                 -> images: the first share `keep` of the latents
                                                       stays, the seed draws the others

A generator without a density has only `sample`. Random numbers of a row come from the row's own
seed, whatever the batch. All outputs are float32, those of a float64 flow too.

**Inputs are checked inside the graph**, because a server checks only their types: shapes, pixels
that are not finite or lie outside the flow's support, numbers out of range, empty batches. The
error names the input and the row. The input `encoded_bytes` has the ending that REST servers expect
of a name whose strings are bytes.
"""

import functools

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.bijectors.logit import support
from tfflowgan.flows import dequantized_draws
from tfflowgan.generators import Generator
from tfflowgan.serving.checks import checked, per_row, shaped
from tfflowgan.serving.encoded_images import decoded

__all__ = ["DRAWS", "signatures"]

DRAWS = 8  # of an image's noise, for its bits per dimension


def signatures(
    generator: Generator, draws: int = DRAWS
) -> dict[str, tf.types.experimental.PolymorphicFunction]:
    """The functions by name, each traced once when it is saved.

    Args:
      generator: a flow, or a generator without a density.
      draws: number of draws of an image's noise, for `bits_per_dim`.

    Returns:
      The signatures by name; "serving_default" is `log_prob`, or `sample` without a density.
    """
    answers = _Answers(generator, draws)
    images = tf.TensorSpec([None, *generator.image_shape], tf.float32, "images")
    pixels = tf.TensorSpec([None, *generator.image_shape], tf.uint8, "images")
    latents = tf.TensorSpec([None, generator.dims], tf.float32, "latents")
    seeds = tf.TensorSpec([None], tf.int64, "seeds")
    files = tf.TensorSpec([None], tf.string, "encoded_bytes")
    temperature, keep = (
        tf.TensorSpec([None], tf.float32, name) for name in ("temperature", "keep")
    )
    inputs = {"sample": [seeds, temperature]}
    if generator.has_density:
        inputs |= {
            "log_prob": [images],
            "bits_per_dim": [pixels, seeds],
            "score_encoded": [files, seeds],
            "encode": [images],
            "decode": [latents],
            "reconstruct": [images, seeds, keep],
        }
    named = {
        name: tf.function(_float32(getattr(answers, name)), specs, autograph=False)
        for name, specs in inputs.items()
    }
    return named | {"serving_default": named["log_prob" if generator.has_density else "sample"]}


def _float32(answer):
    """The same function with float32 outputs, whatever the flow's dtype."""

    @functools.wraps(answer)
    def cast(*inputs):
        return {name: tf.cast(value, tf.float32) for name, value in answer(*inputs).items()}

    return cast


class _Answers:
    """One method per signature."""

    def __init__(self, generator, draws):
        self._generator, self._draws = generator, draws
        pixels = tf.TensorSpec([None, *generator.image_shape], tf.uint8)
        seeds = tf.TensorSpec([None], tf.int64)
        # one graph for both signatures that score images
        self._score = tf.function(self._scored, [pixels, seeds], autograph=False)

    def log_prob(self, images):
        return {"log_prob": self._generator.distribution().log_prob(self._images(images))}

    def bits_per_dim(self, images, seeds):
        images = shaped(images, [None, *self._generator.image_shape], "images")
        return self._score(images, per_row(seeds, images, "seeds"))

    def score_encoded(self, files, seeds):
        files = shaped(files, [None], "encoded_bytes")
        seeds = per_row(seeds, files, "seeds")
        return self._score(decoded(files, self._generator.image_shape, "encoded_bytes"), seeds)

    def _scored(self, images, seeds):
        noisy = dequantized_draws(images, seeds, self._draws, self._generator.dtype)
        log_prob = self._generator.distribution().log_prob(noisy)
        mean = tf.reduce_mean(tf.reshape(log_prob, [-1, self._draws]), axis=1)
        return {"bits_per_dim": units.bits_per_dim(mean, self._generator.dims)}

    def sample(self, seeds, temperature):
        seeds = shaped(seeds, [None], "seeds")
        temperature = per_row(temperature, seeds, "temperature")
        good = tf.math.is_finite(temperature) & (temperature >= 0.0)
        temperature = checked(temperature, good, "temperature must be finite and not negative")
        latents = self._generator.latents(seeds, temperature)
        if not self._generator.has_density:
            return {"images": self._generator.generate(latents)}
        return self._decoded(latents)

    def encode(self, images):
        return {"latents": self._generator.sharded_bijector().inverse(self._images(images))}

    def decode(self, latents):
        latents = shaped(latents, [None, self._generator.dims], "latents")
        latents = checked(latents, tf.math.is_finite(latents), "latents must be finite")
        return self._decoded(tf.cast(latents, self._generator.dtype))

    def reconstruct(self, images, seeds, keep):
        images = self._images(images)
        seeds, keep = per_row(seeds, images, "seeds"), per_row(keep, images, "keep")
        keep = checked(keep, (keep >= 0.0) & (keep <= 1.0), "keep must be a share from 0 to 1")
        latents = self._generator.sharded_bijector().inverse(images)
        count = tf.round(keep * self._generator.dims)
        kept = tf.range(self._generator.dims, dtype=tf.float32) < count[:, tf.newaxis]
        mixed = tf.where(kept, latents, self._generator.latents(seeds))
        return {"images": self._generator.generate(mixed)}

    def _decoded(self, latents):
        images, log_prob = self._generator.generate_with_log_prob(latents)
        return {"images": images, "log_prob": log_prob}

    def _images(self, images):
        """The images in the flow's dtype, after their checks."""
        images = shaped(images, [None, *self._generator.image_shape], "images")
        images = checked(images, tf.math.is_finite(images), "images must be finite")
        if self._generator.logit_alpha is None:
            return tf.cast(images, self._generator.dtype)
        low, high = support(self._generator.logit_alpha, np.dtype(self._generator.dtype).type)
        within = (images >= np.float32(low)) & (images <= np.float32(high))
        sentence = f"images must lie in the support of this flow, {low:.9g} to {high:.9g}"
        images = checked(images, within, sentence)
        # the support's ends, rounded to float32, may lie outside it
        return tf.clip_by_value(tf.cast(images, self._generator.dtype), low, high)

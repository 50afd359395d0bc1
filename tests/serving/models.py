"""A small exported flow, and values for each of its signatures."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image

from tests.helpers import random_images, small_flow
from tests.serving import encoded_files
from tfflowgan.images import read
from tfflowgan.serving import saved_model

SHAPE = (4, 4, 1)


def export(folder):
    """A flow, its SavedModel NAME/1 in a folder."""
    flow = small_flow("nice", SHAPE, logit_alpha=0.05)
    return flow, saved_model.export(flow, folder / "small")


def inputs() -> dict[str, dict[str, np.ndarray]]:
    """Signature -> inputs of three rows."""
    images = random_images(SHAPE, count=3, dtype="float32").numpy()
    seeds = (5 << 32) + np.arange(3, dtype=np.int64)
    pixels = np.random.default_rng(0).integers(0, 256, (3, *SHAPE), np.uint8)
    return {
        "log_prob": {"images": images},
        "serving_default": {"images": images},
        "bits_per_dim": {"images": pixels, "seeds": seeds},
        "score_encoded": {"encoded_bytes": np.array(files(), object), "seeds": seeds},
        "sample": {"seeds": seeds, "temperature": np.array([1.0, 0.5, 0.0], np.float32)},
        "encode": {"images": images},
        "decode": {"latents": np.random.default_rng(1).standard_normal((3, 16), np.float32)},
        "reconstruct": {
            "images": images,
            "seeds": seeds,
            "keep": np.array([0.0, 0.5, 1.0], np.float32),
        },
    }


def files() -> list[bytes]:
    """Three files that need no conversion."""
    known = encoded_files.plain()
    return [known[name] for name in ("jpeg", "png very tall", "png palette")]


def answers(flow) -> dict[str, dict[str, np.ndarray]]:
    """What the signatures should answer to `inputs`, from the flow's own methods."""
    given = inputs()
    decoded, decoded_log_prob = flow.decode_with_log_prob(given["decode"]["latents"])
    drawn, drawn_log_prob = flow.sample_from_seeds(*given["sample"].values())
    log_prob = flow.log_prob(given["log_prob"]["images"])
    found = {
        "log_prob": {"log_prob": log_prob},
        "serving_default": {"log_prob": log_prob},
        "bits_per_dim": {"bits_per_dim": bits_per_dim(flow, **given["bits_per_dim"])},
        "score_encoded": {"bits_per_dim": scored(flow, **given["score_encoded"])},
        "sample": {"images": drawn, "log_prob": drawn_log_prob},
        "encode": {"latents": flow.encode(given["encode"]["images"])},
        "decode": {"images": decoded, "log_prob": decoded_log_prob},
        "reconstruct": {"images": reconstructed(flow, **given["reconstruct"])},
    }
    return {
        name: {key: np.asarray(value) for key, value in outputs.items()}
        for name, outputs in found.items()
    }


def bits_per_dim(flow, images, seeds, draws=8):
    """Bits/dim of images, each with its seed's noise, one image at a time."""
    means = []
    for pixels, seed in zip(images, seeds, strict=True):
        pair = tf.random.fold_in(tf.bitcast(tf.constant(seed), tf.int32), 1)
        noise = np.minimum(
            tf.random.stateless_uniform([draws, *pixels.shape], pair), 1 - 2.0**-16
        ).astype(np.float32)
        log_prob = flow.log_prob((pixels + noise) / np.float32(256)).numpy()
        means.append(8 - log_prob.astype(np.float64).mean() / (pixels.size * np.log(2)))
    return np.array(means, np.float32)


def scored(flow, encoded_bytes, seeds):
    """Bits/dim of files, read by Python."""
    height, width, channels = flow.image_shape
    images = []
    for content in encoded_bytes:
        with Image.open(io.BytesIO(content)) as picture:
            images.append(read.pixels(read.flat(picture)[0], channels, (width, height)))
    return bits_per_dim(flow, np.stack(images), seeds)


def reconstructed(flow, images, seeds, keep):
    """Images whose first latents are their own, the others drawn."""
    latents, drawn = flow.encode(images).numpy(), flow.latents(seeds).numpy()
    mixed = [
        np.where(np.arange(flow.dims) < round(k * flow.dims), z, d)
        for z, d, k in zip(latents, drawn, keep, strict=True)
    ]
    return flow.decode(np.stack(mixed))


def assert_same(found, expected):
    """Equal to a relative 1e-5 of the largest value, output by output."""
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-5 * np.abs(value).max())

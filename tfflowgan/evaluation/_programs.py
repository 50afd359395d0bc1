"""Evaluations as programs for devices without TensorFlow (see `tfflowgan.serving.xla_program`).

log_prob    images of a split, with the noise of `bin/evaluate`, to log-densities
sample      seeds of images, as of `Generator.sample`, to images
"""

import pathlib

import numpy as np
import tensorflow as tf

from tfflowgan import draws, tf32, units
from tfflowgan.bijectors import sharding
from tfflowgan.datasets import EVALUATION_BLOCK, Split, evaluation_noise_seed
from tfflowgan.flows import Flow
from tfflowgan.generators import Generator
from tfflowgan.serving.xla_program import write_program

__all__ = ["export_log_prob", "export_sample"]


@tf32.allowed(False)
def export_log_prob(
    flow: Flow,
    split: Split,
    split_name: str,
    name: str,
    seed: int,
    folder: pathlib.Path,
    part_bytes: int,
) -> dict:
    """Writes the program of a flow's log-densities of a split, with its images.

    Args:
      flow: the model, under no strategy.
      split: images.
      split_name: its name.
      name: of the model, for the results.
      seed: of the noise.
      folder: see `write_program`.
      part_bytes: see there.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the flow.
    """
    block = EVALUATION_BLOCK  # whose noise is drawn together

    @tf.function(jit_compile=True, autograph=False)
    def log_prob(pixels, number):
        noise = draws.uniform([block, *flow.image_shape], evaluation_noise_seed(seed, number))
        images = units.dequantize(tf.cast(pixels, tf.float32), tf.minimum(noise, units.NOISE_LIMIT))
        with sharding.disabled():
            return flow.distribution().log_prob(tf.cast(images, flow.dtype))

    arguments = (tf.zeros([block, *flow.image_shape], tf.uint8), tf.constant(0))
    about = {"kind": "log_prob", "name": name, "block": block, "dims": flow.dims, "seed": seed}
    images = {split_name: np.asarray(split.images)}
    return write_program(
        folder, log_prob, arguments, _names(flow), ["log_prob"], about, images, part_bytes
    )


@tf32.allowed(False)
def export_sample(
    generator: Generator, name: str, folder: pathlib.Path, part_bytes: int, block: int = 100
) -> dict:
    """Writes the program that turns seeds of images into images.

    Args:
      generator: the model, under no strategy.
      name: of the model.
      folder: see `write_program`.
      part_bytes: see there.
      block: images per call.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the model.
    """

    @tf.function(jit_compile=True, autograph=False)
    def sample(seeds):
        with sharding.disabled():
            return tf.cast(generator.generate(generator.latents(seeds)), tf.float32)

    about = {"kind": "sample", "name": name, "block": block, "dims": generator.dims}
    arguments = (tf.zeros([block], tf.int64),)
    return write_program(
        folder, sample, arguments, _names(generator), ["images"], about, {}, part_bytes
    )


def _names(model):
    return {f"generator/{i}": variable.value for i, variable in enumerate(model.weights)}

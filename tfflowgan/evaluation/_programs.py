"""Evaluations as programs for devices without TensorFlow (see `tfflowgan.serving.xla_program`).

log_prob    images of a split, with the noise of `bin/evaluate`, to log-densities
sample      seeds of images, as of `Generator.sample`, to images
jacobian    seeds of draws from the prior to dG/dz there, and a flow's own log-determinants
ais         groups of annealed chains, moved through some distributions
"""

import pathlib
from typing import Any

import numpy as np
import tensorflow as tf

from tfflowgan import draws, tf32, units
from tfflowgan.bijectors import sharding
from tfflowgan.datasets import EVALUATION_BLOCK, Split, Splits, evaluation_noise_seed
from tfflowgan.evaluation import annealing
from tfflowgan.evaluation.jacobian import ROWS, jacobian_rows
from tfflowgan.flows import Flow
from tfflowgan.generators import Generator
from tfflowgan.metrics.annealing_chains import chains_at_once
from tfflowgan.metrics.annealing_moves import part_function
from tfflowgan.portable import PART, Layout
from tfflowgan.serving.xla_program import write_program

__all__ = ["export_ais", "export_jacobian", "export_log_prob", "export_sample"]


@tf32.allowed(False)
def export_log_prob(
    flow: Flow,
    split: Split,
    split_name: str,
    name: str,
    seed: int,
    folder: pathlib.Path,
    part_bytes: int,
    origin: dict[str, Any] | None = None,
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
      origin: of the numbers, for the results: "weights", and "data" where images are scored.

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
    about |= origin or {}
    images = {split_name: np.asarray(split.images)}
    return write_program(
        folder, log_prob, arguments, _names(flow), ["log_prob"], about, images, part_bytes
    )


@tf32.allowed(False)
def export_sample(
    generator: Generator,
    name: str,
    folder: pathlib.Path,
    part_bytes: int,
    block: int = 100,
    origin: dict[str, Any] | None = None,
) -> dict:
    """Writes the program that turns seeds of images into images.

    Args:
      generator: the model, under no strategy.
      name: of the model.
      folder: see `write_program`.
      part_bytes: see there.
      block: images per call.
      origin: of the numbers, for the results: "weights", and "data" where images are scored.

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
    about |= origin or {}
    arguments = (tf.zeros([block], tf.int64),)
    return write_program(
        folder, sample, arguments, _names(generator), ["images"], about, {}, part_bytes
    )


@tf32.allowed(False)
def export_jacobian(
    generator: Generator,
    name: str,
    folder: pathlib.Path,
    part_bytes: int,
    batch_size: int | None = None,
    origin: dict[str, Any] | None = None,
) -> dict:
    """Writes the program that turns the seed of a draw into the Jacobian there.

    Args:
      generator: the model, under no strategy.
      name: of the model.
      folder: see `write_program`.
      part_bytes: see there.
      batch_size: rows of the Jacobian per pass; None for `jacobian.ROWS`.
      origin: of the numbers, for the results: "weights", and "data" where images are scored.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the model.
    """
    dims, count = generator.dims, min(batch_size or ROWS, generator.dims)
    rows = jacobian_rows(generator, count)

    @tf.function(jit_compile=True, autograph=False)
    def jacobian(seeds):
        with sharding.disabled():
            latents = generator.latents(seeds)
            parts = tf.map_fn(
                lambda first: rows(latents[0], first),
                tf.range(0, dims, count),
                fn_output_signature=tf.TensorSpec([count, dims], generator.dtype),
            )
            found = {"jacobian": tf.reshape(parts, [-1, dims])[:dims]}
            if isinstance(generator, Flow):
                chain = generator.bijector()
                found["own_log_det"] = chain.forward_log_det_jacobian(latents, event_ndims=1)[0]
            return found

    about = {"kind": "jacobian", "name": name, "dims": dims, "dtype": generator.dtype}
    about |= origin or {}
    own = ["own_log_det"] if isinstance(generator, Flow) else []
    arguments = (tf.zeros([1], tf.int64),)
    return write_program(
        folder, jacobian, arguments, _names(generator), ["jacobian", *own], about, {}, part_bytes
    )


@tf32.allowed(False)
def export_ais(
    generator: Generator,
    splits: Splits,
    name: str,
    folder: pathlib.Path,
    part_bytes: int,
    annealing_batch: int | None = None,
    origin: dict[str, Any] | None = None,
    **options: Any,
) -> dict:
    """Writes the program that moves annealed chains, with all that they start from.

    Args:
      generator: the model, under no strategy.
      splits: uint8 images of its shape.
      name: of the model.
      folder: see `write_program`.
      part_bytes: see there.
      annealing_batch: chains per call; None for what suits a GPU.
      origin: of the numbers, for the results: "weights", and "data" where images are scored.
      **options: see `annealing.prepare`.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the model, or `annealing.prepare` refuses the options.
    """
    settings, arrays = annealing.prepare(generator, splits, **options)
    dims, chains = generator.dims, settings["chains"]
    at_once = chains_at_once(dims, annealing_batch, "GPU")
    layouts = [Layout.of(len(arrays[n]), dims, chains, at_once) for n in ("images", "samples")]
    places = {n: max(getattr(one, n) for one in layouts) for n in ("images", "groups")}
    groups, images = places["groups"], places["images"]
    dtype, part = generator.dtype, part_function(generator, settings["sigma"], chains)
    given = {
        "latents": tf.zeros([groups, images * chains, dims], dtype),
        "step_size": tf.zeros([groups], dtype),
        "log_weight": tf.zeros([groups, images * chains], tf.float64),
        "acceptance": tf.zeros([groups, images * chains], tf.float64),
        "images": tf.zeros([groups, images, *generator.image_shape], dtype),
        "counts": tf.zeros([groups], tf.int32),
        "betas": tf.zeros([PART + 1], tf.float64),
        "seeds": tf.zeros([groups, 2], tf.int32),
        "first": tf.constant(1),
        "count": tf.constant(1),
        "fresh": tf.constant(False),
    }

    @tf.function(jit_compile=True, autograph=False)
    def move(*values):
        with sharding.disabled():
            return part(**dict(zip(given, values, strict=True)))

    about = {
        "kind": "ais",
        "name": name,
        "dims": dims,
        "settings": settings,
        "places": places,
        "arguments": list(given),
        **(origin or {}),
    }
    results = ["acceptance", "energy", "latents", "log_weight", "step_size"]
    return write_program(
        folder,
        move,
        tuple(given.values()),
        _names(generator),
        results,
        about,
        arrays,
        part_bytes,
    )


def _names(model):
    return {f"generator/{i}": variable.value for i, variable in enumerate(model.weights)}

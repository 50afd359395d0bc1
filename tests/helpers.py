"""Small things that several tests need."""

import pathlib
import subprocess
import sys

import numpy as np
import tensorflow as tf

from tfflowgan import flows
from tfflowgan.datasets import Split, Splits

ROOT = pathlib.Path(__file__).resolve().parent.parent


def perturb(model, scale: float = 0.1, seed: int = 0):
    """Adds noise to every trainable weight: a new flow is the identity and would prove nothing."""
    generator = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        weight.assign(np.asarray(weight) + scale * generator.standard_normal(weight.shape))
    return model


def small_flow(name, shape=(4, 4, 1), seed=0, **options):
    """A perturbed flow of few and narrow layers; options as in its `build`."""
    small = {"width": 6, "blocks": 1, "layers": 2}
    return perturb(flows.build(name, shape, **{k: v for k, v in small.items() if k in flows.options(name)} | options), seed=seed)


def random_images(shape, count=4, seed=0, low=0.05, high=0.95, dtype="float64"):
    """Images away from the ends of [0, 1], where a logit saturates."""
    return tf.constant(np.random.default_rng(seed).uniform(low, high, (count, *shape)), dtype)


def synthetic_split(count=64, shape=(4, 4, 1), seed=0) -> Split:
    """Images of soft blobs: correlated, so that there is something to learn."""
    generator = np.random.default_rng(seed)
    base = generator.integers(0, 200, (count, 1, 1, 1))
    pixels = base + generator.integers(0, 56, (count, *shape))
    return Split(pixels.astype(np.uint8), generator.integers(0, 10, count))


def synthetic_splits(count=64, shape=(4, 4, 1)) -> Splits:
    """Three synthetic splits."""
    return Splits("synthetic", "made by the tests", *[synthetic_split(count, shape, seed) for seed in range(3)])


def command(*arguments, **kwargs) -> subprocess.CompletedProcess:
    """Runs `bin/NAME --flags` to its end, as a user would."""
    return subprocess.run(
        [sys.executable, str(ROOT / "bin" / arguments[0]), *arguments[1:]], capture_output=True, text=True, timeout=300, **kwargs
    )


def count_ops(function, *types) -> int:
    """How many operations of given types a concrete function runs or may run; saved gradients are left out."""
    definition = function.graph.as_graph_def()
    called = [f for f in definition.library.function if "internal_grad_fn" not in f.signature.name]
    nodes = list(definition.node) + [node for f in called for node in f.node_def]
    return sum(node.op in types for node in nodes)

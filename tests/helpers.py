"""Small things that several tests need."""

import contextlib
import io
import logging
import pathlib
import runpy
import subprocess
import sys
import warnings
from unittest import mock

import absl.flags
import absl.logging
import numpy as np
import pytest
import tensorflow as tf

from tfflowgan import flows
from tfflowgan.datasets import Split, Splits

ROOT = pathlib.Path(__file__).resolve().parent.parent


def quick_first(names, quick="nice") -> list:
    """Parameters of a test: one of the names in every run, the others in the full one."""
    return [name if name == quick else pytest.param(name, marks=pytest.mark.slow) for name in names]


def perturb(model, scale: float = 0.1, seed: int = 0):
    """Adds noise to every trainable weight: a new flow is the identity and would prove nothing."""
    generator = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        weight.assign(np.asarray(weight) + scale * generator.standard_normal(weight.shape))
    return model


def small_flow(name, shape=(4, 4, 1), seed=0, **options):
    """A perturbed flow of few and narrow layers; options as in its `build`."""
    small = {"width": 6, "blocks": 1, "layers": 2, "couplings": 2, "levels": 2}
    return perturb(
        flows.build(
            name, shape, **{k: v for k, v in small.items() if k in flows.options(name)} | options
        ),
        seed=seed,
    )


def products_per_pass(flow):
    """Convolutions and matrix products in one pass of a flow, each network once.

    A mixing of channels takes two: the product of its factors, and its convolution.
    """
    kernels = sum(weight.name == "kernel" for weight in flow.trainable_variables)
    return kernels + 2 * sum(map(bool, getattr(flow, "mixings", [])))


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
    return Splits(
        "synthetic",
        "made by the tests",
        *[synthetic_split(count, shape, seed) for seed in range(3)],
    )


def command(*arguments, **kwargs) -> subprocess.CompletedProcess:
    """Runs `bin/NAME --flags` to its end, as a user would."""
    return subprocess.run(
        [sys.executable, str(ROOT / "bin" / arguments[0]), *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=900,
        **kwargs,
    )


def command_here(*arguments, cwd=".") -> subprocess.CompletedProcess:
    """The same in this process, hence without the seconds that TensorFlow takes to import.

    Not for what needs the process: signals, variables of the environment, cores that share batches
    (`bin/train` of nvp).
    """
    return script_here(ROOT / "bin" / arguments[0], *arguments[1:], cwd=cwd)


def script_here(path, *arguments, cwd=".") -> subprocess.CompletedProcess:
    """Runs a Python program in this process; leaves flags, loggers and warnings as they were."""
    typed = [str(path), *map(str, arguments)]
    out, error = io.StringIO(), io.StringIO()
    with _as_it_was(), mock.patch.object(sys, "argv", typed), contextlib.chdir(cwd):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            try:
                runpy.run_path(str(path), run_name="__main__")
                code = 0
            except SystemExit as end:
                code = end.code
                if isinstance(code, str):  # as the interpreter does
                    print(code, file=sys.stderr)
                    code = 1
    return subprocess.CompletedProcess(typed, code or 0, out.getvalue(), error.getvalue())


@contextlib.contextmanager
def _as_it_was():
    loggers = [logging.getLogger(name) for name in (None, "absl", "tensorflow", "tfflowgan")]
    before = [(log, log.level, log.propagate, [*log.handlers]) for log in loggers]
    known, verbosity = set(absl.flags.FLAGS), absl.logging.get_verbosity()
    with warnings.catch_warnings(), mock.patch.object(sys, "path", [*sys.path]):
        try:
            yield
        finally:
            for name in (
                set(absl.flags.FLAGS)
                - known
                - {"help", "helpshort", "helpfull", "helpxml", "only_check_args"}
            ):
                delattr(absl.flags.FLAGS, name)
            absl.logging.set_verbosity(verbosity)
            for log, level, propagate, handlers in before:
                log.setLevel(level)
                log.propagate, log.handlers = propagate, handlers


def count_ops(function, *types) -> int:
    """How many operations of given types a concrete function runs or may run; saved gradients are
    left out.
    """
    definition = function.graph.as_graph_def()
    called = [f for f in definition.library.function if "internal_grad_fn" not in f.signature.name]
    nodes = list(definition.node) + [node for f in called for node in f.node_def]
    return sum(node.op in types for node in nodes)

"""Densities and training steps of a device, beside those of the CPU, in this process.

An error of a density is the largest |log p - log p in float64 on the CPU| over the images, in
bits/dim.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tfflowgan
from checks.lines import Failed
from tfflowgan import tf32, units
from tfflowgan.config import Config
from tfflowgan.flows import Flow
from tfflowgan.runs.load import load_splits

__all__ = ["densities", "program", "switching", "training"]

_SIZES = {  # options by flow: those of a check, and of a tiny one
    "nice": ({"width": 512, "layers": 5}, {"width": 8, "layers": 1, "couplings": 2}),
    "nvp": ({"width": 32}, {"width": 4, "blocks": 1, "levels": 1}),
    "real_nvp": ({"width": 64, "mixing": True}, {"width": 4, "blocks": 1, "levels": 2}),
}
_ALLOWED = 10.0  # times the CPU's own error in float32, and a little more
_LITTLE = 1e-5  # bits/dim
_TRAINED = 1e-3  # bits/dim, between two trainings


def densities(name: str, device: str, tiny: bool) -> dict[str, Any]:
    """Errors of the densities of a perturbed flow in every precision.

    Args:
      name: of the flow.
      device: such as "/gpu:0".
      tiny: whether the flow is one that takes no time.

    Raises:
      Failed: without TF32, the device is much further from float64 than the CPU.
    """
    images = _images(8 if tiny else 200)
    on_cpu = _flow(name, tiny, "/cpu:0")
    flow = _flow(name, tiny, device, on_cpu)
    halves = {
        policy: _flow(name, tiny, device, on_cpu, network_dtype=policy)
        for policy in ("mixed_bfloat16", "mixed_float16")
    }
    with tf.device("/cpu:0"):
        double = on_cpu.exact()
    exact = _log_probs(double, images, "/cpu:0")
    errors = {"float32 on the CPU": _error(on_cpu, images, "/cpu:0", exact)}
    errors["float32"] = _error(flow, images, device, exact)
    errors |= {policy: _error(half, images, device, exact) for policy, half in halves.items()}
    with tf32.allowed(True):  # images of another number, so that nothing planned is used again
        errors["TF32"] = _error(flow, images[:-1], device, exact[:-1])
    numbers = {"bits_per_dim_error": errors, "parameters": flow.count_params()}
    limit = _ALLOWED * errors["float32 on the CPU"] + _LITTLE
    if not errors["float32"] <= limit:
        raise Failed(
            f"float32 is off by {errors['float32']:.2g} bits/dim, not {limit:.2g}", numbers
        )
    if not all(np.isfinite(list(errors.values()))):
        raise Failed("a density is not finite", numbers)
    return numbers


def switching(device: str, tiny: bool) -> dict[str, Any]:
    """Whether densities without TF32 are the same after densities with it, at equal shapes.

    Raises:
      Failed: they are not: a training with --tf32 would measure with what it planned under TF32.
    """
    flow, images = _flow("real_nvp", tiny, device), _images(6 if tiny else 150)
    with tf32.allowed(True):
        on = _log_probs(flow, images, device)
    after = _log_probs(flow, images, device)
    fresh = np.concatenate([_log_probs(flow, images[:-1], device), after[-1:]])
    dims = flow.dims * np.log(2.0)
    numbers = {
        "with_and_without": float(np.abs(on - fresh).max() / dims),
        "without_after_with": float(np.abs(after - fresh).max() / dims),
    }
    if not numbers["without_after_with"] <= _LITTLE:
        off = numbers["without_after_with"]
        raise Failed(f"after TF32, float32 is off by {off:.2g} bits/dim", numbers)
    return numbers


def training(name: str, objective: str, device: str, tiny: bool) -> dict[str, Any]:
    """Validation bits/dim halfway and after a few single steps, on the CPU and on the device.

    Raises:
      Failed: they differ.
    """
    cpu, found = (_trained(name, objective, where, tiny) for where in ("/cpu:0", device))
    return _compared({"cpu": cpu, "device": found})


def program(name: str, objective: str, device: str, tiny: bool) -> dict[str, Any]:
    """The same on the device, by single steps and by one program of many steps.

    Raises:
      Failed: they differ.
    """
    steps, found = (_trained(name, objective, where, tiny) for where in (device, None))
    return _compared({"steps": steps, "program": found})


def _compared(bits):
    difference = float(np.abs(np.subtract(*bits.values())).max())
    numbers = {"bits_per_dim": bits, "difference": difference}
    if not difference <= _TRAINED:
        raise Failed(f"they differ by {difference:.2g} bits/dim", numbers)
    return numbers


def _trained(name, objective, device, tiny) -> list[float]:
    """Bits/dim of a training by single steps on a device, or by a program on the default one."""
    splits = load_splits(Config(data_source="embedded", limit=40 if tiny else 400))
    keras.utils.set_random_seed(0)
    single = device is not None
    strategy = tf.distribute.MirroredStrategy([device]) if single else tf.distribute.get_strategy()
    with strategy.scope():
        flow = tfflowgan.build(name, (28, 28, 1), **_SIZES[name][tiny])
    steps = 2 if tiny else 20
    more: dict[str, Any] = {} if objective == "mle" else {"critic_width": 4 if tiny else 16}
    history = tfflowgan.fit(
        flow,
        splits.train.images,
        validation_data=splits.validation.images,
        strategy=strategy,
        objective=objective,
        verbose=0,
        steps=steps,
        monitor_steps=steps // 2,
        batch_size=10 if tiny else 50,
        learning_rate=1e-3,
        warmup_steps=0,
        jit="off" if single else "on",
        **more,
    )
    return [float(value) for value in history.history["validation_bits_per_dim"]]


def _flow(name, tiny, device, like: Flow | None = None, **options) -> Flow:
    """A flow with random weights in every layer, which a new one has not, or with another's."""
    keras.utils.set_random_seed(0)
    with tf.device(device):
        flow = tfflowgan.build(name, (28, 28, 1), **_SIZES[name][tiny], **options)
        if like is not None:
            flow.set_weights(like.get_weights())
            return flow
        generator = np.random.default_rng(0)
        for weight in flow.trainable_variables:
            value = np.asarray(weight)
            weight.assign(value + 0.01 * generator.standard_normal(value.shape))
    return flow


def _images(count):
    pixels = load_splits(Config(data_source="embedded", limit=count)).test.images
    return units.dequantize(pixels.astype(np.float32), np.float32(0.5))


def _log_probs(flow, images, device) -> np.ndarray:
    with tf.device(device):
        return flow.log_prob(tf.constant(images)).numpy().astype(np.float64)


def _error(flow, images, device, exact) -> float:
    found = _log_probs(flow, images, device)
    return float(np.abs(found - exact).max() / (flow.dims * np.log(2.0)))

"""Estimates how long the papers' full runs take on GPUs; nothing is timed.

    python benchmarks/estimate.py

For every preset of a paper, a training step is traced at full size and its kernels are counted: how
many there are, how much their matrix products and convolutions compute, and how much all of them
read and write. The time of a step is the longest of

    arithmetic    operations / (peak rate x utilization)
    traffic       bytes / memory bandwidth
    launches      kernels x time per launch

On eight GPUs that share the batch, arithmetic and traffic are an eighth, launches stay the same,
and the time to sum the gradients is added. Results go to docs/results/performance/estimate.json.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[:0] = [str(pathlib.Path(__file__).parents[1])]

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags
from counting import kernels, needed, total_flops

from tfflowgan import plugins
from tfflowgan.config import Config
from tfflowgan.datasets import Split, rounds
from tfflowgan.training.build import build_components
from tfflowgan.training.resolve import resolve

_OUTPUT = flags.DEFINE_string("output", "docs/results/performance/estimate.json", "file")

RATES = {  # stated, not measured here
    "gpu": "NVIDIA H100 SXM",
    # its data sheet's 989 with sparsity, halved; what TensorFlow takes for float32
    "tf32_tflops": 494.7,
    "utilisation": 0.3,  # assumed; of small channels rather less
    "memory_gbytes_per_second": 2345.0,  # assumed: 70 % of its data sheet's 3,350
    "launch_microseconds": 4.0,  # assumed: from one kernel of a graph to the next
    # assumed: of a sum over eight GPUs within one machine, per GPU
    "gradient_gbytes_per_second": 150.0,
}
_DATA = {
    "mnist": ((28, 28, 1), 50_000),
    "cifar10": ((32, 32, 3), 45_000),
    "celeb_a": ((32, 32, 3), 162_770),
}
_FREE = {
    "Const",
    "Identity",
    "IdentityN",
    "NoOp",
    "Placeholder",
    "ReadVariableOp",
    "Reshape",
    "Shape",
    "StopGradient",
    "Squeeze",
}
_FREE |= {"ExpandDims", "EnsureShape", "BroadcastGradientArgs", "PreventGradient", "VarHandleOp"}


def main(_):
    """Counts, writes and prints."""
    rows = {}
    for name in plugins.names("presets"):
        if name.startswith(("flowgan_", "danihelka_")):
            rows[name] = _estimate(
                Config(**plugins.load("presets", name, "preset").PRESET, preset=name)
            )
            print(name, json.dumps(rows[name]), flush=True)
    path = pathlib.Path(_OUTPUT.value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"rates": RATES, "runs": rows}, indent=1) + "\n")


def _estimate(config):
    config = resolve(config)
    shape, images = _DATA[config.dataset]
    epoch_steps = images // config.batch_size
    steps = epoch_steps * config.epochs
    keras.utils.clear_session()
    model = build_components(config, shape, steps).model
    split = Split(np.zeros((config.batch_size, *shape), np.uint8))
    extra = bool(model.critic_trainer and model.critic_trainer.conditional)
    updates, reuse = config.critic_steps or 0, bool(config.reuse_batch)
    batches = rounds(
        split, model.generator, config.batch_size, 0, 0, config.flips, updates, reuse, extra
    )
    graph = (
        tf.function(model.train_step, autograph=False)
        .get_concrete_function(batches.element_spec)
        .graph
    )
    flops = total_flops(kernels(graph))
    launched = [operation for operation in needed(graph) if operation.type not in _FREE]
    moved = sum(
        _bytes(tensor)
        for operation in launched
        for tensor in [*operation.inputs, *operation.outputs]
    )
    summed = model.generator.count_params()
    if model.critic_trainer:
        summed += model.critic_trainer.critic.count_params() * config.critic_steps
    moved += (
        4 * 5 * summed
    )  # optimizers read and write weights and moments, which are no tensors of the graph
    arithmetic = flops / (RATES["tf32_tflops"] * 1e12 * RATES["utilisation"])
    traffic = moved / (RATES["memory_gbytes_per_second"] * 1e9)
    launching = len(launched) * RATES["launch_microseconds"] * 1e-6
    summing = 4 * summed / (RATES["gradient_gbytes_per_second"] * 1e9)
    return {
        "steps": steps,
        "batch": config.batch_size,
        "gflop_a_step": flops / 1e9,
        "gbytes_a_step": moved / 1e9,
        "kernels_a_step": len(launched),
        "pflop": flops * steps / 1e15,
        "arithmetic_hours": arithmetic * steps / 3600,
        "traffic_hours": traffic * steps / 3600,
        "launch_hours": launching * steps / 3600,
        "hours_on_one": max(arithmetic, traffic, launching) * steps / 3600,
        "hours_on_eight": (max(arithmetic / 8, traffic / 8, launching) + summing) * steps / 3600,
    }


def _bytes(tensor):
    count = tensor.shape.num_elements()
    return count * tensor.dtype.size if count else 0


if __name__ == "__main__":
    app.run(main)

"""Measures how bfloat16 networks, and float32, change the log-densities of a trained run.

    python benchmarks/precision.py --run=runs/NAME [--limit=1000]

Compares with float64, for the same weights and the same dequantized test images. Prints the means
and the largest differences in nats.
"""

import json
import pathlib
import sys

import numpy as np
import tensorflow as tf
from absl import app, flags

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from tfflowgan import datasets, units
from tfflowgan.generators import build_spec
from tfflowgan.runs.load import load_generator, load_splits
from tfflowgan.runs.run import Run

_RUN = flags.DEFINE_string("run", None, "a run of a flow", required=True)
_LIMIT = flags.DEFINE_integer("limit", 1000, "how many test images")


def main(_):
    """Measures and prints."""
    run = Run.open(pathlib.Path(_RUN.value))
    flow, images = load_generator(run), load_splits(run.config()).test.first(_LIMIT.value)
    double = flow.astype("float64")
    half = build_spec(flow.spec, network_dtype="mixed_bfloat16")
    half.set_weights_from(flow)
    values = {
        name: np.concatenate(
            [
                f.log_prob(tf.cast(x, f.dtype)).numpy()[w > 0]
                for x, w in datasets.evaluation_batches(images, 100, seed=0)
            ]
        )
        for name, f in {"float64": double, "float32": flow, "bfloat16 networks": half}.items()
    }
    results = {"run": run.path.name, "images": len(images)}
    for name, log_prob in values.items():
        difference = log_prob - values["float64"]
        results[name] = {
            "nll": -float(log_prob.mean()),
            "bits_per_dim": float(units.bits_per_dim(log_prob.mean(), flow.dims)),
            "mean_difference": float(difference.mean()),
            "largest_difference": float(np.abs(difference).max()),
        }
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    app.run(main)

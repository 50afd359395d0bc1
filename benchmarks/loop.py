"""Measures what training costs beyond its steps: Keras' loop, steps per execution, the images.

    python benchmarks/loop.py [--turns=5]

NICE at full size, batch 64, on random images, in milliseconds per step: the traced step by itself
on one batch, `fit` over the input pipeline with 1 and 10 steps per execution, and the pipeline by
itself. They take turns. Results go to docs/results/performance/loop.json.
"""

import json
import pathlib
import statistics
import sys
import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from suite import ARCHITECTURES

from tfflowgan import flows, objectives
from tfflowgan.datasets import Split, rounds
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam

_TURNS = flags.DEFINE_integer("turns", 5, "how often each has its turn", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "docs/results/performance/loop.json", "file")
_BATCH, _STEPS = 64, 50


def main(_):
    """Measures, writes and prints."""
    nice = ARCHITECTURES["nice"]
    split = Split(
        np.random.default_rng(0).integers(0, 256, (50 * _BATCH, *nice.image_shape), np.uint8)
    )
    ways = {
        f"fit, {count} step(s) an execution": _fit(_model(nice, count), split) for count in (1, 10)
    }
    model = _model(nice, 1)
    batches = _batches(model, split)
    ways |= {
        "the step alone": _alone(model, next(iter(batches))),
        "the images alone": _read(iter(batches)),
    }
    seconds = {name: [] for name in ways}
    for _ in range(_TURNS.value + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append((time.perf_counter() - start) / _STEPS)
    results = {
        name: {"milliseconds": 1e3 * statistics.median(s[1:]), "turns": s[1:]}
        for name, s in seconds.items()
    }
    print(json.dumps({name: round(r["milliseconds"], 2) for name, r in results.items()}, indent=1))
    path = pathlib.Path(_OUTPUT.value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")


def _model(nice, steps_per_execution):
    keras.utils.set_random_seed(0)
    model = FlowGAN(flows.build("nice", nice.image_shape, **nice.options), objectives.build("mle"))
    model.compile(optimizer=Adam(1e-5), jit_compile=False, steps_per_execution=steps_per_execution)
    model.build_optimizer()
    return model


def _batches(model, split):
    return rounds(split, model.generator, _BATCH, 0, 0, False, 0)


def _fit(model, split):
    batches = _batches(model, split)
    return lambda: model.fit(batches, steps_per_epoch=_STEPS, shuffle=False, verbose=0)


def _alone(model, batch):
    step = tf.function(model.train_step, autograph=False)

    def run():
        for _ in range(_STEPS):
            logs = step(batch)
        logs["loss"].numpy()

    return run


def _read(batches):
    def run():
        for _ in range(_STEPS):
            next(batches)

    return run


if __name__ == "__main__":
    app.run(main)

"""Run as a script: steps on two logical CPUs equal the steps on one, at the same global batch.

Losses are means over images for every objective (`tests/objectives/test_adversaries.py`); those
here differ in what else they do.
Critics normalize over the batch where the objective allows it; bursts and the independent critic
take part.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import sys
import tempfile

sys.path.insert(0, os.getcwd())

import pathlib

import keras
import numpy as np
import tensorflow as tf

from tests.helpers import synthetic_splits
from tfflowgan import flows
from tfflowgan.avb import fit as avb_fit
from tfflowgan.config import Config
from tfflowgan.runs.run import Run
from tfflowgan.training.fit import fit
from tfflowgan.training.resolve import resolve

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

SMALL = {
    "width": 4,
    "dtype": "float64",
    "batch_size": 8,
    "limit": 24,
    "epochs": 1,
    "warmup_steps": 0,
}
NICE = {"flow": "nice", "couplings": 2, "layers": 1}
CRITIC = {
    "critic_width": 4,
    "critic_steps": 2,
    "burst_steps": 3,
    "burst_first": 1,
    "burst_every": 2,
}
XLA = {"jit": "on"}  # on two devices, in the last case: compiles the gradients of each replica
CASES = [  # the first critic normalizes over the batch
    NICE
    | {
        "objective": "hybrid",
        "adversary": "gan",
        "critic": "flowgan_mnist",
        "critic_width": 4,
        "critic_steps": 2,
        "reuse_batch": True,
        "independent_critic": True,
    },
    NICE | CRITIC | {"objective": "wgan", "batch_norm": True, "optimizer": "rmsprop"},
    {
        "generator": "dcgan",
        "objective": "wgan_gp",
        "critic": "flowgan_cifar10",
        "critic_width": 4,
        "critic_steps": 1,
    },
    # the mean over extra images is over those of both
    NICE | CRITIC | {"objective": "wgan", "critic": "fast_learning"},
    NICE
    | {
        "objective": "hybrid",
        "adversary": "wgan_gp",
        "critic": "fast_learning",
        "critic_width": 4,
        "critic_steps": 2,
        "reuse_batch": True,
    },
    NICE | {"objective": "hybrid", "adversary": "wgan", "critic_width": 4, "critic_norm": "none"},
]
STRATEGIES = [
    tf.distribute.MirroredStrategy(devices) for devices in (["/cpu:0"], ["/cpu:0", "/cpu:1"])
]


def train(strategy, case, folder):
    keras.utils.set_random_seed(0)
    config = resolve(Config(**SMALL | case))
    run = Run.create(folder)
    fit(run, config, synthetic_splits(24), strategy)
    (checkpoint,) = run.checkpoints.glob("step-*.index")
    reader = tf.train.load_checkpoint(str(checkpoint.with_suffix("")))
    values = {
        k: reader.get_tensor(k)
        for k in reader.get_variable_to_shape_map()
        if k.endswith("VARIABLE_VALUE")
    }
    return values, run.metrics()


for case in CASES:
    with tempfile.TemporaryDirectory() as folder:
        (one, rows_one), (two, rows_two) = (
            train(s, case | (XLA if i and case is CASES[-1] else {}), pathlib.Path(folder) / str(i))
            for i, s in enumerate(STRATEGIES)
        )
    for name, value in one.items():
        if not name.startswith(
            ("progress/", "means/")
        ):  # clocks, and means that each device has of its own
            np.testing.assert_allclose(
                value, two[name], rtol=1e-6, atol=1e-8, err_msg=f"{case}: {name}"
            )
    for a, b in zip(rows_one, rows_two, strict=True):
        for name in a.keys() - {"seconds", "data"}:
            np.testing.assert_allclose(
                a[name], b[name], rtol=1e-4, atol=1e-6, err_msg=f"{case}: {name}"
            )
    print(case, "equal", flush=True)
print("all equal")

settings = {
    "latents": 4,
    "encoder": "real_nvp",
    "discriminator": "joint",
    "watch": ["autoregressive"],
    "width": 8,
}
settings |= {
    "learning_rate": 1e-3,
    "epochs": 1,
    "settle_epochs": 1,
    "batch_size": 8,
    "discriminator_steps": 2,
    "seed": 0,
}
weights = []
for strategy in STRATEGIES:
    keras.utils.set_random_seed(0)
    with strategy.scope(), tempfile.TemporaryDirectory() as folder:
        model = avb_fit.build((4, 4, 1), settings, "float64")
        avb_fit.fit(pathlib.Path(folder), model, synthetic_splits(24), settings, strategy)
        weights.append([np.asarray(weight) for weight in model.weights])
for one, two in zip(*weights, strict=True):
    np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-8, err_msg="a variational auto-encoder")

weights, losses = [], []
images = synthetic_splits(24).train.images / np.float64(256) + 0.001
for strategy in STRATEGIES:
    keras.utils.set_random_seed(0)
    with strategy.scope():
        small = {"levels": 2, "width": 4, "blocks": 1, "dtype": "float64"}
        flow = flows.build("real_nvp", (4, 4, 1), **small)  # with all of its parts
        flow.compile(keras.optimizers.SGD(1e-4))
    history = flow.fit(images, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    weights.append(flow.get_weights())
    losses.append(history["loss"])
np.testing.assert_allclose(*losses, rtol=1e-5, err_msg="Keras' fit of a flow")
for one, two in zip(*weights, strict=True):
    np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-10, err_msg="Keras' fit of a flow")

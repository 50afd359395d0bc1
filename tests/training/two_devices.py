"""Run as a script: one Adam step on two logical CPUs equals the step on one, at the same global batch."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import sys

sys.path.insert(0, os.getcwd())

import keras
import numpy as np
import tensorflow as tf

from tests.helpers import perturb, synthetic_split
from tfflowgan import flows, objectives, plugins
from tfflowgan.datasets import evaluation_batches, training_batches
from tfflowgan.training.model import FlowGAN

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def train(devices, objective):
    keras.utils.set_random_seed(0)
    split = synthetic_split(40)
    with tf.distribute.MirroredStrategy(devices).scope():
        flow = perturb(flows.build("nvp", (4, 4, 1), levels=1, width=4, blocks=1, dtype="float64"))
        model = FlowGAN(flow, objectives.build(objective), clip_norm=5.0)
        model.compile(optimizer=keras.optimizers.Adam(0.01), jit_compile=False)
        model.build_optimizer()
    history = model.fit(
        training_batches(split, 8, seed=0),
        steps_per_epoch=3,
        epochs=1,
        shuffle=False,
        verbose=0,
        validation_data=evaluation_batches(split, 16, seed=0),
    ).history
    return flow.get_weights(), history


for objective in plugins.names("objectives"):
    (one, history_one), (two, history_two) = (train(d, objective) for d in (["/cpu:0"], ["/cpu:0", "/cpu:1"]))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)
    for name, values in history_one.items():
        np.testing.assert_allclose(values, history_two[name], rtol=1e-5, err_msg=name)
print("equal")

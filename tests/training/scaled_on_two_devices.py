"""Run as a script: scaled steps on two logical CPUs equal those on one, skipped or not."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import sys

sys.path.insert(0, os.getcwd())

import keras
import numpy as np
import tensorflow as tf

from tests.helpers import random_images, small_flow
from tfflowgan import objectives
from tfflowgan.training.loss_scale import LossScale
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
IMAGES = random_images((4, 4, 1), count=8, dtype="float32").numpy()


def steps(devices):
    """State and scales after two steps, after one that overflows, and after one more."""
    keras.utils.set_random_seed(0)
    strategy = tf.distribute.MirroredStrategy(devices)
    with strategy.scope():
        scale = LossScale()
        flow = small_flow("nice")
        weighty = objectives.Objective(None, 1000.0)  # a share of it overflows too
        model = FlowGAN(flow, weighty, clip_norm=5.0, loss_scale=scale)
        model.compile(optimizer=Adam(1e-3), jit_compile=False)
        model.build_optimizer()
    share = len(IMAGES) // len(devices)

    def batch(context):
        first = context.replica_id_in_sync_group * share
        return {"images": tf.constant(IMAGES[first : first + share])}

    @tf.function
    def step(batch):
        return strategy.run(model.train_step, args=(batch,))

    def take():
        logs = step(strategy.experimental_distribute_values_from_function(batch))
        for values in strategy.experimental_local_results(logs["gradient_norm"]):
            assert np.isfinite(values)
        variables = [*flow.weights, *model.optimizer.variables]
        values = [np.asarray(v.value) for v in variables if "iteration" not in v.path]
        return values, [float(v) for v in strategy.experimental_local_results(scale.value)]

    found = [take(), take()]
    scale.value.assign(3e38)
    found.append(take())
    scale.value.assign(2.0**10)
    return [*found, take()]


one, two = steps(["/cpu:0"]), steps(["/cpu:0", "/cpu:1"])
for i, ((values, scales), (others, both)) in enumerate(zip(one, two, strict=True)):
    assert both == [*scales, *scales], (i, scales, both)
    for value, other in zip(values, others, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-6, err_msg=str(i))
assert [scales[0] for _, scales in two] == [2.0**6, 2.0**6, np.float32(3e38) / 2, 2.0**10]
for before, after in zip(two[1][0], two[2][0], strict=True):
    np.testing.assert_array_equal(before, after)  # skipped
assert any((a != b).any() for a, b in zip(two[2][0], two[3][0], strict=True))
print("all equal")

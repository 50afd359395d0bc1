"""tfflowgan's MLE step under MirroredStrategy on several logical CPUs, for `scaling.py`."""

import keras
import ours
import tensorflow as tf
from serve import serve

from tfflowgan import flows, objectives
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam


class Devices(ours.Ours):
    """The batch is split over `spec["devices"]` logical CPUs, which share the cores."""

    def __init__(self, spec):
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * spec["devices"]
        )
        self.strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(spec["devices"])])
        with self.strategy.scope():
            super().__init__(spec | {"share": False})

    def operation(self, name):
        keras.utils.set_random_seed(0)
        count = self.spec["devices"]
        with self.strategy.scope():
            self.flow = flows.build(self.spec["flow"], self.shape, **self.spec["options"])
            model = FlowGAN(self.flow, objectives.build("mle"))
            model.compile(optimizer=Adam(1e-4), jit_compile=False)
            model.build_optimizer()
        shares = tf.split(self.images[:, 0], count)
        images = self.strategy.experimental_distribute_values_from_function(
            lambda c: shares[c.replica_id_in_sync_group]
        )
        step = tf.function(
            lambda images: self.strategy.run(model.train_step, args=({"images": images},))
        )
        return lambda: [
            value.numpy()
            for value in self.strategy.experimental_local_results(step(images)["loss"])
        ]


if __name__ == "__main__":
    serve(Devices)

"""NICE of TensorFlow Probability: `RealNVP` without scale, in a `TransformedDistribution`.

`Permute` swaps the halves around every other coupling. Its networks are Keras models. Variants:
plain (`tf.function`) and xla (with `jit_compile=True`). Images are `[B, H, W, C]`.
"""

import math
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from serve import Implementation, cores, serve

tfb, tfd = tfp.bijectors, tfp.distributions


class TfpNice(Implementation):
    """The flow with Adam; no critic, so no rounds."""

    def __init__(self, spec):
        keras.utils.set_random_seed(0)
        self.spec, self.batch, self.shape = spec, spec["batch"], tuple(spec["image_shape"])
        self.dims = math.prod(self.shape)
        options, half = spec["options"], self.dims // 2
        self.networks = [
            keras.Sequential(
                [
                    keras.Input((half,)),
                    *[
                        keras.layers.Dense(options["width"], activation="relu")
                        for _ in range(options["layers"])
                    ],
                    keras.layers.Dense(half),
                ]
            )
            for _ in range(options["couplings"])
        ]
        self.log_scale = keras.Variable(np.zeros(self.dims), dtype="float32", name="log_scale")
        self.variables = [
            self.log_scale,
            *[v for network in self.networks for v in network.trainable_variables],
        ]  # as ours
        self.images = tf.random.uniform([self.batch, *self.shape]) * 0.98 + 0.01
        self._adam = None

    def distribution(self):
        """A new flow from latents to images for every trace, since TFP caches what it computed."""
        swap = np.roll(np.arange(self.dims), self.dims // 2)
        even_then_odd = np.concatenate([np.arange(0, self.dims, 2), np.arange(1, self.dims, 2)])
        couplings = []
        for i, network in enumerate(self.networks):
            coupling = tfb.RealNVP(
                num_masked=self.dims // 2,
                shift_and_log_scale_fn=lambda half, units, network=network: (network(half), None),
                is_constant_jacobian=True,
            )
            couplings += [tfb.Permute(swap), coupling, tfb.Permute(swap)] if i % 2 else [coupling]
        alpha = self.spec["options"]["logit_alpha"]
        low, high = -alpha / (1 - 2 * alpha), (1 - alpha) / (1 - 2 * alpha)
        bijectors = [
            tfb.Reshape(self.shape, [self.dims]),
            tfb.Sigmoid(low, high),
            tfb.Permute(np.argsort(even_then_odd)),
            *couplings,
            tfb.Scale(log_scale=-tf.convert_to_tensor(self.log_scale)),
        ]
        return tfd.TransformedDistribution(
            tfd.Sample(tfd.Logistic(0.0, 1.0), [self.dims]), tfb.Chain(bijectors)
        )

    def operation(self, name):
        if name not in ("log_prob", "sample", "mle"):
            return None
        step = tf.function(getattr(self, f"_{name}"), jit_compile=self.spec["variant"] == "xla")
        if name == "mle" and self._adam is None:
            self._adam = keras.optimizers.Adam(1e-4)
            self._adam.build(self.variables)
        return (lambda: step().numpy()) if name == "sample" else (lambda: step(self.images).numpy())

    def parameters(self):
        return sum(math.prod(v.shape) for v in self.variables)

    def density(self, path):
        archive = np.load(path)
        for i, variable in enumerate(self.variables):
            variable.assign(archive[str(i)])
        return self.distribution().log_prob(archive["images"]).numpy().tolist()

    def _log_prob(self, images):
        return self.distribution().log_prob(images)

    def _sample(self):
        return self.distribution().sample(self.batch)

    def _mle(self, images):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(self.distribution().log_prob(images))
        self._adam.apply_gradients(
            zip(tape.gradient(loss, self.variables), self.variables, strict=True)
        )
        return loss


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(cores())
    serve(TfpNice)

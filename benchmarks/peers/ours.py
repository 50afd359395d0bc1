"""tfflowgan, with networks in float32 or bfloat16."""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path[:0] = [str(pathlib.Path(__file__).parents[2]), str(pathlib.Path(__file__).parents[1])]

import keras
import numpy as np
import tensorflow as tf
from counting import kernels, total_flops
from serve import Implementation, serve

from tfflowgan import critics, flows, objectives, plugins
from tfflowgan.bijectors import sharding
from tfflowgan.datasets import prior_draws
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam

_OBJECTIVES = {"mle": {}, "wgan_gp": {}, "hybrid": {"adversary": "wgan_gp", "nll_weight": 0.1}}
_CRITIC_STEPS = 5


class Ours(Implementation):
    """A flow; a training model is made for every operation that trains."""

    def __init__(self, spec):
        if plugins.load("flows", spec["flow"], "flow").SHARDS_BATCHES and spec.get("share", True):
            sharding.enable()
        keras.utils.set_random_seed(0)
        networks = {"network_dtype": "mixed_bfloat16"} if spec["variant"] == "bfloat16" else {}
        self.spec, self.batch, self.shape = spec, spec["batch"], tuple(spec["image_shape"])
        self.flow = flows.build(spec["flow"], self.shape, **spec["options"] | networks)
        images = np.random.default_rng(0).uniform(
            0.01, 0.99, (self.batch, _CRITIC_STEPS + 1, *self.shape)
        )
        self.images = tf.constant(images, tf.float32)
        self.seed = 0

    def operation(self, name):
        if name == "log_prob":
            return lambda: self.flow.log_prob(self.images[:, 0]).numpy()
        if name == "sample":
            return self._sample
        step = self._step(name)
        return lambda: step(self._next_seed())["loss"].numpy()

    def parameters(self):
        return sum(int(np.prod(w.shape)) for w in self.flow.trainable_variables)

    def shapes(self):
        return [list(w.shape) for w in self.flow.get_weights()]

    def flops(self, name):
        return total_flops(self._kernels(name))

    def density(self, path):
        archive = np.load(path)
        self.flow.set_weights([archive[str(i)] for i in range(len(archive.files) - 1)])
        return self.flow.log_prob(archive["images"]).numpy().tolist()

    def kernels(self, name):
        return [[list(kernel), count] for kernel, count in self._kernels(name).items()]

    def _kernels(self, name):
        if name == "log_prob":
            function = tf.function(lambda x: self.flow.distribution().log_prob(x))
            return kernels(function.get_concrete_function(self.images[:, 0]).graph)
        if name == "sample":
            latents = tf.zeros([self.batch, self.flow.dims])
            return kernels(
                tf.function(self.flow.generate_with_log_prob).get_concrete_function(latents).graph
            )
        return kernels(self._step(name).get_concrete_function(self._next_seed()).graph)

    def _sample(self):
        self.seed += 1
        return self.flow.sample(self.batch, self.seed).numpy()

    def _next_seed(self):
        self.seed += 1
        return tf.constant([self.seed, 0])

    def _step(self, name):
        objective = objectives.build(name, **_OBJECTIVES[name])
        trainer = None
        if objective.adversary:
            penalized = objective.adversary.penalizes_gradients
            network = critics.build(
                self.spec["critic"], self.shape, None, None, penalized, "float32"
            )
            trainer = CriticTrainer(network, objective.adversary, Adam(1e-4))
        model = FlowGAN(self.flow, objective, trainer)
        model.compile(optimizer=Adam(1e-4), jit_compile=False)
        model.build_optimizer()
        draw = prior_draws(self.flow)

        @tf.function(autograph=False)  # as Keras traces it
        def step(seed):
            batch = {"images": self.images[:, 0]}
            if trainer:
                several = draw(self.batch * (_CRITIC_STEPS + 1), seed)
                several = tf.reshape(several, [self.batch, _CRITIC_STEPS + 1, self.flow.dims])
                mix = tf.random.stateless_uniform([self.batch, _CRITIC_STEPS], seed)
                batch["critic"] = {
                    "real": self.images[:, 1:],
                    "latents": several[:, 1:],
                    "mix": mix,
                }
                batch["latents"] = several[:, 0]
            return model.train_step(batch)

        return step


if __name__ == "__main__":
    serve(Ours)

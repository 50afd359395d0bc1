"""What a flow computes, and how often its networks run; as a script with batches in two shards.

python sharded.py NAME ...    prints a JSON object with the numbers of each flow
"""

import json
import os
import sys
import tempfile

sys.path.insert(0, os.getcwd())

import keras
import numpy as np
import tensorflow as tf

from tests.helpers import count_ops, random_images, small_flow
from tfflowgan import critics, flows, objectives
from tfflowgan.bijectors import sharding
from tfflowgan.serving import saved_model
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam

SHAPE = (4, 4, 1)
KINDS = ("Conv2D", "MatMul")


def numbers(name: str) -> dict:
    """Values of a flow's methods, gradients, and weights after rounds of training."""
    keras.utils.set_random_seed(0)
    flow = _flow(name)
    images = random_images(SHAPE, count=5)
    traced = tf.function(lambda images: flow.distribution().log_prob(images))
    with tempfile.TemporaryDirectory() as folder:
        saved = tf.saved_model.load(str(saved_model.export(flow, folder)))
        exported = count_ops(saved.signatures["log_prob"], *KINDS)
    return {
        "shards": sharding.num_shards(),
        "known_batch": count_ops(traced.get_concrete_function(images), *KINDS),
        "exported": exported,
        "values": {
            "log_prob": _flat([flow.log_prob(images), flow.log_prob(images[:1])]),
            "sample": _flat(flow.sample_and_log_prob(3, seed=1)),
            "encode": _flat([flow.encode(images)]),
            "gradients": _flat(_gradients(images, flow)),
            "gradients_of_one": _flat(_gradients(images[:1], flow)),  # fewer images than cores
            "recomputed": _flat(_recomputed(name, images, flow) or [0.0]),
            "round": _flat(
                _weights_after_a_round(flow, images, "wgan")
            ),  # from here on the weights move
            "round_in_shards": _flat(_weights_after_a_round(flow, images, "wgan_gp", norm="layer")),
        },
    }


def _flow(name, **options):
    if "levels" in flows.options(name):
        options["levels"] = 1
    return small_flow(name, SHAPE, dtype="float64", logit_alpha=0.05, **options)


@tf.function
def _gradients(images, flow):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(flow.distribution(training=True).log_prob(images))
    return tape.gradient(loss, flow.trainable_variables)


def _recomputed(name, images, flow):
    if "recompute" not in flows.options(name):
        return []
    other = _flow(name, recompute=True)
    other.set_weights_from(flow)
    return _gradients(images, other)


def _weights_after_a_round(flow, images, adversary, **options):
    objective = objectives.build("hybrid", adversary=adversary)
    critic = critics.build("dcgan", SHAPE, width=4, dtype="float64", **options)
    model = FlowGAN(flow, objective, CriticTrainer(critic, objective.adversary, Adam(1e-3)))
    model.compile(optimizer=Adam(1e-3), jit_compile=False)
    model.build_optimizer()
    latents = tf.random.stateless_normal([5, 1, 16], (0, 1), dtype=tf.float64)
    mix = tf.constant(0.4, tf.float64, [5, 1])
    updates = {"real": images[:, None], "latents": latents, "mix": mix}
    tf.function(model.train_step)({"images": images, "latents": latents[:, 0], "critic": updates})
    return flow.trainable_variables + critic.trainable_variables


def _flat(tensors):
    return np.concatenate([np.ravel(t) for t in tensors]).tolist()


if __name__ == "__main__":
    sharding.enable(2)
    print(json.dumps({name: numbers(name) for name in sys.argv[1:]}))

"""Sharded batches: the same numbers as whole ones, and an error if sharding is enabled too late."""

import json
import subprocess
import sys

import pytest

from tests.helpers import ROOT

_SCRIPT = """
import json, sys, tempfile
import keras
import numpy as np
import tensorflow as tf
from tfflowgan import critics, flows, objectives
from tfflowgan.bijectors import sharding
from tfflowgan.serving import saved_model
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam
from tests.helpers import count_ops, random_images, small_flow

if sys.argv[1] == "shard":
    sharding.enable(2)
keras.utils.set_random_seed(0)
flow = small_flow(sys.argv[2], (4, 4, 1), dtype="float64", logit_alpha=0.05)
images = random_images((4, 4, 1), count=5)

@tf.function
def gradients(images, flow=flow):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(flow.distribution(training=True).log_prob(images))
    return tape.gradient(loss, flow.trainable_variables)

def recomputed():
    if "recompute" not in flows.options(sys.argv[2]):
        return []
    other = small_flow(sys.argv[2], (4, 4, 1), dtype="float64", logit_alpha=0.05, recompute=True)
    other.set_weights_from(flow)
    return gradients(images, other)

def weights_after_a_round(adversary, **options):
    objective = objectives.build("hybrid", adversary=adversary)
    critic = critics.build("dcgan", (4, 4, 1), width=4, dtype="float64", **options)
    model = FlowGAN(flow, objective, CriticTrainer(critic, objective.adversary, Adam(1e-3)))
    model.compile(optimizer=Adam(1e-3), jit_compile=False)
    model.build_optimizer()
    latents = tf.random.stateless_normal([5, 2, 16], (0, 1), dtype=tf.float64)
    mix = tf.constant(0.4, tf.float64, [5, 2])
    updates = {"real": tf.stack([images, images], axis=1), "latents": latents, "mix": mix}
    tf.function(model.train_step)({"images": images, "latents": latents[:, 0], "critic": updates})
    return flow.trainable_variables + critic.trainable_variables

def flat(tensors):
    return np.concatenate([np.ravel(t) for t in tensors]).tolist()

traced = tf.function(lambda images: flow.distribution().log_prob(images))
kinds = ("Conv2D", "MatMul")
with tempfile.TemporaryDirectory() as folder:
    saved = tf.saved_model.load(str(saved_model.export(flow, folder)))
    exported = count_ops(saved.signatures["log_prob"], *kinds)

print(json.dumps({
    "shards": sharding.num_shards(),
    "known_batch": count_ops(traced.get_concrete_function(images), *kinds),
    "exported": exported,
    "values": {
        "log_prob": flat([flow.log_prob(images), flow.log_prob(images[:1])]),
        "sample": flat(flow.sample_and_log_prob(3, seed=1)),
        "encode": flat([flow.encode(images)]),
        "gradients": flat(gradients(images)),
        "gradients_of_one": flat(gradients(images[:1])),  # fewer images than cores
        "recomputed": flat(recomputed() or [0.0]),
        "round": flat(weights_after_a_round("wgan")),  # from here on the weights move
        "round_in_shards": flat(weights_after_a_round("wgan_gp", norm="layer")),
    },
}))
"""


def _run(*arguments):
    process = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT, check=True
    )
    return json.loads(process.stdout)


@pytest.mark.parametrize("name, factor", [("nvp", 2), ("real_nvp", 2), ("nice", 1)])
def test_sharded_batches_give_the_same_numbers(name, factor):
    sharded, alone = _run("shard", name), _run("alone", name)
    assert (sharded["shards"], alone["shards"]) == (2, 1)
    assert sharded["known_batch"] == factor * alone["known_batch"]
    assert sharded["exported"] == alone["exported"] == alone["known_batch"]
    for what, values in alone["values"].items():
        assert sharded["values"][what] == pytest.approx(values, rel=1e-10, abs=1e-12), what


def test_sharding_must_be_enabled_first():
    code = "import tensorflow as tf; tf.zeros([]); from tfflowgan.bijectors import sharding; sharding.enable(2)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert "RuntimeError" in process.stderr

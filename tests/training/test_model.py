"""The training model's step and its evaluation."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT, perturb, quick_first, random_images, small_flow, synthetic_split
from tfflowgan import critics, flows, objectives, plugins
from tfflowgan.datasets import evaluation_batches, rounds
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.diagnosis import first_non_finite
from tfflowgan.training.model import FlowGAN

SHAPE = (4, 4, 1)


def _model(clip_norm=None, optimizer=None, **options):
    flow = perturb(flows.build("nice", SHAPE, width=6, layers=1, dtype="float64", **options))
    model = FlowGAN(flow, objectives.build("mle"), clip_norm=clip_norm)
    model.compile(optimizer=optimizer or keras.optimizers.SGD(0.01), jit_compile=False)
    model.build_optimizer()
    return model


def _gradients(model, images):
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(model.generator.distribution(training=True).log_prob(images))
    return tape.gradient(loss, model.generator.trainable_variables)


def test_a_step_descends_along_the_gradient_of_the_mean_nll():
    model, images = _model(), random_images(SHAPE)
    expected = [
        np.array(w) - 0.01 * g
        for w, g in zip(model.generator.trainable_variables, _gradients(model, images), strict=True)
    ]
    model.train_step({"images": images})
    for weight, value in zip(model.generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-6, atol=1e-9)


def test_clip_norm_bounds_the_global_norm():
    model, images = _model(clip_norm=0.5), random_images(SHAPE)
    gradients = _gradients(model, images)
    norm = float(tf.linalg.global_norm(gradients))
    assert norm > 0.5
    expected = [
        np.array(w) - 0.01 * g * 0.5 / norm
        for w, g in zip(model.generator.trainable_variables, gradients, strict=True)
    ]
    logs = model.train_step({"images": images})
    assert float(logs["gradient_norm"]) == np.float32(norm)
    for weight, value in zip(model.generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-6, atol=1e-9)


def test_a_gradient_that_is_not_finite_leaves_the_weights():
    model, images = _model(), random_images(SHAPE)
    before = model.generator.get_weights()
    logs = model.train_step(
        {
            "images": tf.tensor_scatter_nd_update(
                images, [[0, 0, 0, 0]], tf.constant([np.nan], tf.float64)
            )
        }
    )
    assert not np.isfinite(logs["loss"])
    for a, b in zip(before, model.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("name", quick_first(plugins.names("flows")))
def test_networks_in_bfloat16_train_in_float32(name):
    flow = small_flow(name, network_dtype="mixed_bfloat16")
    model = FlowGAN(flow, objectives.build("mle"), clip_norm=5.0)
    model.compile(optimizer=keras.optimizers.SGD(1e-3), jit_compile=False)
    model.build_optimizer()
    step, images = tf.function(model.train_step), random_images(SHAPE, count=16)
    losses = [float(step({"images": images})["loss"]) for _ in range(8)]
    assert losses[-1] < losses[0]
    assert all(weight.dtype == "float32" for weight in flow.weights)


def test_evaluate_averages_over_every_image_and_no_padding():
    model, split = _model(), synthetic_split(23)
    batches = evaluation_batches(split, 10, seed=0)
    expected = np.concatenate([-model.generator.log_prob(i)[w > 0] for i, w in batches])
    result = model.evaluate(batches, return_dict=True, verbose=0)
    assert len(expected) == 23
    np.testing.assert_allclose(result["nll"], expected.mean(), rtol=1e-6)


@pytest.mark.long
@pytest.mark.slow
def test_two_devices_take_the_same_step_as_one():
    script = ROOT / "tests" / "training" / "two_devices.py"
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "equal" in done.stdout


@pytest.mark.slow
def test_fit_takes_the_steps_of_its_batches_in_order():
    split, (by_fit, by_hand) = synthetic_split(24), (_model(), _model())
    by_hand.generator.set_weights(by_fit.generator.get_weights())
    by_fit.fit(
        rounds(split, by_fit.generator, 8, 0, 0, False, 0),
        steps_per_epoch=4,
        epochs=1,
        shuffle=False,
        verbose=0,
    )
    for _, batch in zip(
        range(4), rounds(split, by_hand.generator, 8, 0, 0, False, 0), strict=False
    ):
        by_hand.train_step(batch)
    for a, b in zip(by_fit.generator.get_weights(), by_hand.generator.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.slow
def test_an_adversarial_step_updates_the_critic_and_then_the_generator_against_it():
    def model():
        keras.utils.set_random_seed(0)
        flow = perturb(flows.build("nice", SHAPE, width=6, layers=1, dtype="float64"))
        objective = objectives.build("gan")
        critic = critics.build("dcgan", SHAPE, norm="none", width=4, dtype="float64")
        model = FlowGAN(
            flow, objective, CriticTrainer(critic, objective.adversary, keras.optimizers.SGD(0.5))
        )
        model.compile(optimizer=keras.optimizers.SGD(0.01), jit_compile=False)
        model.build_optimizer()
        return model

    whole, parts = model(), model()
    batch = next(iter(rounds(synthetic_split(24), whole.generator, 8, 0, 0, False, critic_steps=2)))
    batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, tf.float64), batch)
    whole.train_step(batch)
    parts.critic_trainer.update(parts.generator, batch["critic"])
    weights = parts.generator.trainable_variables
    with tf.GradientTape() as tape:
        images = parts.generator.generate(batch["latents"], training=True)
        loss = tf.reduce_mean(tf.nn.softplus(-parts.critic_trainer.critic(images, training=True)))
    expected = [
        np.array(w) - 0.01 * g for w, g in zip(weights, tape.gradient(loss, weights), strict=True)
    ]
    for a, b in zip(whole.generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)
    for a, b in zip(
        whole.critic_trainer.critic.get_weights(),
        parts.critic_trainer.critic.get_weights(),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9)


class TestDiagnosis:
    def _find(self, flow, images):
        return first_non_finite(flow, None, objectives.build("mle"), {"images": images})

    def test_a_weight_is_named(self):
        flow = flows.build("nvp", SHAPE, width=4, blocks=1, logit_alpha=None)
        flow.networks[8].layers[1].kernel.assign(
            np.full(flow.networks[8].layers[1].kernel.shape, np.nan)
        )
        assert (
            self._find(flow, random_images(SHAPE))
            == "the weight level_1_checkerboard_2/first/kernel"
        )

    def test_the_first_layer_whose_output_overflows_is_named(self):
        flow = flows.build("nvp", SHAPE, width=4, blocks=1, logit_alpha=None)
        for i in (2, 9):  # (x - shift) exp(-log-scale) overflows
            bias = flow.networks[i].layers[-1].bias
            bias.assign(np.repeat([3e38, -100.0], bias.shape[0] // 2))
        assert (
            self._find(flow, random_images(SHAPE)) == "the output of layer level_0_checkerboard_2"
        )

    def test_bad_images_are_named(self):
        flow = flows.build("nvp", SHAPE, width=4, blocks=1, logit_alpha=None)
        assert self._find(flow, np.full((2, *SHAPE), np.inf)) == "the batch of images"

    def _adversarial(self, flow, critic):
        extra = isinstance(critic, critics.ConditionalCritic)
        batch = next(
            iter(rounds(synthetic_split(24), flow, 8, 0, 0, False, critic_steps=2, extra=extra))
        )
        return first_non_finite(flow, critic, objectives.build("wgan"), batch)

    def test_a_weight_of_the_critic_is_named(self):
        critic = critics.build("dcgan", SHAPE, norm="none", width=4)
        critic.get_layer("last").kernel.assign(
            np.full(critic.get_layer("last").kernel.shape, np.inf)
        )
        assert "the critic's weight" in self._adversarial(small_flow("nice"), critic)

    def test_a_layer_of_the_critic_is_named(self):
        critic = critics.build("flowgan_mnist", SHAPE, norm="none", width=4)
        critic.get_layer("dense_0").bias.assign(np.full(64, 3e38))
        critic.get_layer("last").kernel.assign(np.ones((64, 1)))
        culprit = self._adversarial(small_flow("nice"), critic)
        assert culprit == "the output of the critic's layer last on generated images"

    @pytest.mark.parametrize(
        "network, layer",
        [("features", "extra_conv_0"), ("embedding", "embedding"), ("scores", "last")],
    )
    def test_a_layer_of_a_critic_of_several_networks_is_named(self, network, layer):
        critic = perturb(critics.build("fast_learning", SHAPE, norm="none", width=4))
        weight = getattr(critic, network).get_layer(layer).kernel
        weight.assign(
            np.full(weight.shape, 3e38)
            * np.sign(np.random.default_rng(0).standard_normal(weight.shape[-1]))
        )
        culprit = self._adversarial(small_flow("nice"), critic)
        assert culprit == f"the output of the critic's layer {layer} on generated images"

    def test_the_layer_that_overflows_in_sampling_is_named(self):
        flow = flows.build("nvp", SHAPE, levels=1, width=4, blocks=1, logit_alpha=None)
        for network in flow.networks:  # whose hidden layers could overflow by themselves
            network.set_weights([np.zeros(w.shape) for w in network.weights])
        for i in (
            1,
            3,
        ):  # of the same pixels: 3e38 twice is too much, and sampling begins with the last coupling
            flow.networks[i].layers[-1].bias.assign([3e38, 0.0])
        culprit = self._adversarial(flow, critics.build("dcgan", SHAPE, norm="none", width=4))
        assert culprit == "the output of layer level_0_checkerboard_1 (sampling)"

"""The fast learning critic: the DCGAN critic with zeros, the average over all extra images, what is
clipped and what learns.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, random_images, small_flow
from tfflowgan import critics, objectives, plugins
from tfflowgan.objectives import Adversary
from tfflowgan.training.critic_trainer import CriticTrainer

SHAPE = (16, 16, 1)


def _critic(shape=SHAPE, **options):
    return perturb(critics.build("fast_learning", shape, width=4, dtype="float64", **options))


def _batch(generator, images=6, updates=2):
    generator_of_numbers = np.random.default_rng(0)
    latents = {
        name: generator_of_numbers.standard_normal((images, updates, generator.dims))
        for name in ("latents", "extra")
    }
    real = generator_of_numbers.uniform(size=(images, updates, *generator.image_shape))
    return {"real": tf.constant(real), "mix": tf.ones([images, updates], tf.float64)} | latents


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (8, 8, 1), (5, 4, 2), (64, 64, 3)])
def test_with_zeros_for_the_embedding_it_is_the_dcgan_critic(shape, norm):
    critic, plain = (
        _critic(shape, norm=norm),
        critics.build("dcgan", shape, norm, width=4, dtype="float64"),
    )
    plain.set_weights(critic.scores.get_weights())
    images = random_images(shape, 5)
    expected = plain(images, training=True)
    np.testing.assert_array_equal(critic(images, training=True), expected)
    zeros = tf.zeros(critic.embedding.output_shape, tf.float64)
    np.testing.assert_array_equal(critic(images, embedding=zeros, training=True), expected)
    assert (
        np.abs(
            critics.condition_on(critic, random_images(shape, 7, seed=1))(images, training=True)
            - expected
        ).max()
        > 1e-6
    )


@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_an_embedding_that_is_the_same_everywhere_counts(norm):
    critic, images = _critic(norm=norm), random_images(SHAPE, 5)
    constant = tf.ones(critic.embedding.output_shape, tf.float64)
    assert (
        np.abs(
            critic(images, embedding=constant, training=True) - critic(images, training=True)
        ).max()
        > 1e-3
    )


def test_the_embedding_has_the_papers_shape():
    critic = critics.build("fast_learning", (32, 32, 3))
    assert critic.embed(random_images((32, 32, 3), 4, dtype="float32")).shape == (1, 8, 8, 128)


def test_the_embedding_is_of_the_mean_over_extra_images():
    critic = _critic()
    extra = random_images(SHAPE, 6)
    alone = tf.concat([critic.features(extra[i : i + 1]) for i in range(6)], axis=0)
    np.testing.assert_allclose(
        critic.embed(extra), critic.embedding(tf.reduce_mean(alone, 0, keepdims=True)), rtol=1e-12
    )
    np.testing.assert_allclose(
        critic.embed(extra), critic.embed(tf.reverse(extra, [0])), rtol=1e-12
    )
    np.testing.assert_allclose(
        critic.embed(extra), critic.embed(tf.repeat(extra, 3, axis=0)), rtol=1e-12
    )


def test_its_residuals_are_gated():
    critic = _critic()
    extra = random_images(SHAPE, 2)
    inner = keras.Model(
        critic.features.inputs,
        [critic.features.get_layer(n).output for n in ("extra_relu_0", "gated_0_residual")],
    )
    before, after = inner(extra)
    layer = critic.features.get_layer("gated_0")
    first, second = tf.split(
        tf.nn.conv2d(before, layer.kernel.value, 1, "SAME") + layer.bias.value, 2, axis=-1
    )
    np.testing.assert_allclose(after, before + tf.tanh(first) / (1 + tf.exp(-second)), rtol=1e-12)


def test_only_the_embeddings_weights_are_free():
    critic, generator = _critic(norm="none"), small_flow("nice", SHAPE, dtype="float64")
    perturb(critic, 0.3)
    free = [
        w for w in critic.trainable_variables if all(w is not c for c in critic.clipped_weights)
    ]
    before = [np.array(w) for w in free]
    trainer = CriticTrainer(
        critic, objectives.build("wgan", clip_weights=0.05).adversary, keras.optimizers.SGD(1e-3)
    )
    for made, weight in zip(before, free, strict=True):
        np.testing.assert_array_equal(weight, made)
    trainer.update(generator, _batch(generator))
    assert max(np.abs(w).max() for w in critic.clipped_weights) <= 0.05
    assert min(np.abs(w).max() for w in free) > 0.1
    assert all(np.abs(np.asarray(w) - made).max() > 0 for w, made in zip(free, before, strict=True))


def test_the_generator_learns_nothing_through_extra_images():
    critic, generator = _critic(), small_flow("nice", SHAPE, dtype="float64")
    trainer = CriticTrainer(critic, objectives.build("wgan").adversary, keras.optimizers.SGD(0.1))
    images, latents = (
        random_images(SHAPE, 3),
        tf.random.stateless_normal([4, generator.dims], (0, 1), dtype=tf.float64),
    )
    with tf.GradientTape() as tape:
        score = tf.reduce_sum(trainer.conditioned(generator, latents)(images, training=True))
    assert all(g is None for g in tape.gradient(score, generator.trainable_variables))
    with tf.GradientTape() as tape:  # the same with the way through the images left open
        embedding = critic.embed(generator.generate(latents))
        score = tf.reduce_sum(critic(images, embedding=embedding, training=True))
    assert max(np.abs(g).max() for g in tape.gradient(score, generator.trainable_variables)) > 0


def test_real_and_generated_images_meet_the_same_embedding_of_other_images():
    seen = []

    class Spy(Adversary):
        def critic_loss(self, critic, real, generated, mix):
            seen.append((critic.keywords["embedding"].numpy(), generated.numpy()))
            loss = tf.reduce_mean(critic(generated, training=True)) - tf.reduce_mean(
                critic(real, training=True)
            )
            return loss, -loss

    critic, generator = _critic(), small_flow("nice", SHAPE, dtype="float64")
    batch = _batch(generator)
    CriticTrainer(critic, Spy(), keras.optimizers.SGD(0.0)).update(generator, batch)
    assert len(seen) == 2  # one an update, for both kinds of images
    for i, (embedding, generated) in enumerate(seen):
        np.testing.assert_allclose(
            embedding, critic.embed(generator.generate(batch["extra"][:, i])), rtol=1e-10
        )
        np.testing.assert_allclose(
            generated, generator.generate(batch["latents"][:, i]), rtol=1e-10
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(plugins.names("objectives")) - {"mle", "hybrid"}))
def test_it_serves_every_kind_of_adversary(name):
    wide = (
        {"clip_weights": 1.0} if name == "wgan" else {}
    )  # in a narrow box no leaky ReLU changes sides, and nothing is learned
    adversary = objectives.build(name, **wide).adversary
    critic, generator = _critic(norm="none"), small_flow("nice", SHAPE, dtype="float64")
    before = critic.get_weights()
    reports = CriticTrainer(critic, adversary, keras.optimizers.SGD(1e-2)).update(
        generator, _batch(generator)
    )
    assert np.isfinite([float(v) for v in reports.values()]).all()
    assert all(np.abs(a - b).max() > 0 for a, b in zip(before, critic.get_weights(), strict=True))

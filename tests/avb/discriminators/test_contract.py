"""What holds for every discriminator, found by listing the folder; and the logit that is best."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.helpers import perturb
from tfflowgan import plugins
from tfflowgan.avb import discriminators
from tfflowgan.avb.discriminators import Discriminator
from tfflowgan.errors import UserError

each_discriminator = pytest.mark.parametrize("name", plugins.names("avb/discriminators"))
Q, P = (
    tfp.distributions.Normal(tf.constant(0.8, tf.float64), 0.5),
    tfp.distributions.Normal(tf.constant(0.0, tf.float64), 1.0),
)


def _discriminator(name, latents=3):
    return perturb(discriminators.build(name, 5, latents, width=16, dtype="float64"), 0.3)


def _normal(*shape, seed=0):
    return tf.random.stateless_normal(shape, (seed, 1), dtype=tf.float64)


@each_discriminator
def test_logits_are_one_or_one_a_latent(name):
    discriminator = _discriminator(name)
    shape = discriminator.logits(_normal(4, 5), _normal(4, 3), _normal(4, 3)).shape
    assert shape == (4, 3 if discriminator.has_terms else 1)


@each_discriminator
def test_every_weight_gets_a_gradient(name):
    discriminator = _discriminator(name)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            discriminator.logistic_loss(
                _normal(20, 5), _normal(20, 3, seed=1), _normal(20, 3, seed=2)
            )
        )
    gradients = tape.gradient(loss, discriminator.trainable_variables)
    assert all(g is not None and np.abs(g).max() > 0 for g in gradients)


@each_discriminator
def test_a_new_one_says_that_there_is_no_difference(name):
    discriminator = discriminators.build(name, 5, 3, width=8, dtype="float64")
    np.testing.assert_array_equal(discriminator.estimate(_normal(4, 5), _normal(4, 3)), 0.0)


@pytest.mark.parametrize("latents", [3, 12])
def test_a_term_sees_the_latents_before_it_and_its_own(latents):
    discriminator = perturb(
        discriminators.build("autoregressive", 5, latents, width=48, dtype="float64"), 0.3
    )
    context, values = _normal(8, latents, seed=1), _normal(8, latents, seed=2)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([context, values])
        logits = discriminator.logits(_normal(8, 5), context, values)
    by_context, by_values = (
        np.abs(tape.batch_jacobian(logits, t)).max(0) for t in (context, values)
    )
    np.testing.assert_array_equal(by_context > 0, np.tril(np.ones((latents, latents)), -1) > 0)
    np.testing.assert_array_equal(by_values > 0, np.eye(latents) > 0)


def test_fewer_units_than_latents_are_refused():
    with pytest.raises(UserError, match="--width=8 .*--latents=12"):
        discriminators.build("autoregressive", 5, 12, width=8)


def test_no_logit_is_better_than_the_log_ratio():
    """By quadrature over one latent: the loss grows from log q - log p in every direction, and the
    estimate there is the KL.
    """
    points = np.linspace(-9.0, 9.0, 4001)
    width = points[1] - points[0]
    best = (Q.log_prob(points) - P.log_prob(points)).numpy()

    class Given(Discriminator):
        def __init__(self, table):
            super().__init__()
            self._table = tf.constant(table)

        def logits(self, images, context, values):
            return tf.gather(self._table, tf.cast(tf.round((values + 9.0) / width), tf.int32))

    def expected_loss(table):
        given, z = Given(table), tf.constant(points)[:, None]
        one = tf.zeros_like(z)  # what the other class is held at, and taken away again
        loss = Q.prob(points) * given.logistic_loss(None, z, one) + P.prob(
            points
        ) * given.logistic_loss(None, one, z)
        return float(width * tf.reduce_sum(loss) - given.logistic_loss(None, one, one)[0])

    least = expected_loss(best)
    for direction in (np.ones_like(points), points, np.sin(points), points**2):
        for step in (-0.1, 0.1):
            assert expected_loss(best + step * direction) > least
    estimate = Given(best).estimate(None, tf.constant(points)[:, None])[:, 0]
    kl = float(tfp.distributions.kl_divergence(Q, P))
    assert width * float(tf.reduce_sum(Q.prob(points) * estimate)) == pytest.approx(kl, rel=1e-6)


@pytest.mark.slow
@each_discriminator
def test_training_finds_a_small_divergence(name):
    """Two independent latents of q: twice the KL divergence of one, in closed form."""
    keras.utils.set_random_seed(0)
    discriminator, optimizer = (
        discriminators.build(name, 1, 2, width=32),
        keras.optimizers.Adam(3e-3),
    )
    optimizer.build(discriminator.trainable_variables)
    images = tf.zeros([500, 1])

    @tf.function(autograph=False)
    def update(seed):
        noise = tf.random.stateless_normal([2, 500, 2], tf.stack([seed, 0]))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                discriminator.logistic_loss(images, 0.8 + 0.5 * noise[0], noise[1])
            )
        weights = discriminator.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)

    for seed in range(400):
        update(tf.constant(seed))
    draws = 0.8 + 0.5 * tf.random.stateless_normal([20_000, 2], (9, 9))
    found = float(
        tf.reduce_mean(tf.reduce_sum(discriminator.estimate(tf.zeros([20_000, 1]), draws), axis=-1))
    )
    assert found == pytest.approx(2 * float(tfp.distributions.kl_divergence(Q, P)), abs=0.12)

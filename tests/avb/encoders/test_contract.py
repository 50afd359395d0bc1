"""What holds for every encoder, found by listing the folder; and the Gaussian's closed form."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.helpers import perturb
from tfflowgan import plugins
from tfflowgan.avb import encoders
from tfflowgan.errors import UserError

each_encoder = pytest.mark.parametrize("name", plugins.names("avb/encoders"))
with_terms = pytest.mark.parametrize(
    "name", [n for n in plugins.names("avb/encoders") if n != "real_nvp"]
)


def _encoder(name, latents=4, scale=0.3):
    return perturb(encoders.build(name, latents, 3, width=8, dtype="float64"), scale)


def _normal(*shape, seed=0):
    return tf.random.stateless_normal(shape, (seed, 1), dtype=tf.float64)


def _grid(low=-8.0, high=8.0, count=321):
    """Points of the plane `[N, 2]` and the area that each stands for."""
    line = np.linspace(low, high, count)
    first, second = np.meshgrid(line, line, indexing="ij")
    return tf.constant(np.stack([first.ravel(), second.ravel()], -1)), (line[1] - line[0]) ** 2


@each_encoder
def test_the_density_of_a_draw_is_that_of_its_distribution(name):
    encoder, features, noise = _encoder(name), _normal(6, 3), _normal(6, 4, seed=1)
    latents, log_q, _ = encoder.draw(features, noise)
    np.testing.assert_allclose(
        encoder.distribution(features).log_prob(tf.identity(latents)), log_q, rtol=1e-9
    )
    assert np.abs(log_q - encoder.prior().log_prob(latents)).max() > 0.01


@each_encoder
def test_its_distribution_is_a_batch_of_distributions(name):
    encoder = _encoder(name)
    distribution = encoder.distribution(_normal(6, 3))
    assert distribution.batch_shape == (6,) and distribution.event_shape == (4,)
    assert distribution.sample(seed=(0, 1)).shape == (6, 4)


@each_encoder
def test_its_density_integrates_to_one(name):
    encoder, (points, area) = _encoder(name, latents=2, scale=0.05), _grid()
    density = tf.exp(
        encoder.distribution(tf.tile(_normal(1, 3), [len(points), 1])).log_prob(points)
    )
    assert float(tf.reduce_sum(density)) * area == pytest.approx(1.0, abs=1e-3)


@each_encoder
def test_a_new_encoder_is_the_prior(name):
    encoder = encoders.build(name, 4, 3, width=8, dtype="float64")
    noise = _normal(5, 4)
    latents, log_q, _ = encoder.draw(_normal(5, 3), noise)
    np.testing.assert_allclose(latents, noise, rtol=1e-12)
    np.testing.assert_allclose(log_q, encoder.prior().log_prob(noise), rtol=1e-12)


@each_encoder
def test_every_weight_and_the_features_get_a_gradient(name):
    encoder, features = _encoder(name), tf.Variable(_normal(6, 3))
    with tf.GradientTape() as tape:
        latents, log_q, _ = encoder.draw(features, _normal(6, 4, seed=1))
        loss = tf.reduce_sum(tf.square(latents) + log_q[:, None])
    gradients = tape.gradient(loss, [features, *encoder.trainable_variables])
    assert all(g is not None and np.abs(g).max() > 0 for g in gradients)


@with_terms
def test_terms_add_up(name):
    encoder = _encoder(name)
    _, log_q, terms = encoder.draw(_normal(6, 3), _normal(6, 4, seed=1))
    assert encoder.has_terms
    np.testing.assert_allclose(tf.reduce_sum(terms, axis=-1), log_q, rtol=1e-10)


@with_terms
def test_the_first_term_is_the_marginal_and_the_second_the_rest(name):
    encoder, features = _encoder(name, latents=2), _normal(1, 3)
    latents, _, terms = encoder.draw(features, _normal(1, 2, seed=1))
    line = np.linspace(-10.0, 10.0, 2001)
    points = tf.constant(np.stack([np.full_like(line, latents[0, 0]), line], -1))
    density = np.exp(encoder.distribution(tf.tile(features, [len(line), 1])).log_prob(points))
    assert np.log(density.sum() * (line[1] - line[0])) == pytest.approx(
        float(terms[0, 0]), abs=1e-6
    )


def test_real_nvp_knows_no_terms():
    assert _encoder("real_nvp").draw(_normal(2, 3), _normal(2, 4))[2] is None


def test_the_gaussians_divergence_is_tfps():
    encoder, features = _encoder("gaussian"), _normal(6, 3)
    mean, log_scale = tf.split(encoder.layer(features), 2, axis=-1)
    normal = tfp.distributions.Normal
    expected = tfp.distributions.kl_divergence(
        normal(mean, tf.exp(log_scale)), normal(tf.zeros_like(mean), tf.ones_like(mean))
    )
    np.testing.assert_allclose(encoder.kl_terms(features), expected, rtol=1e-10)


def test_the_gaussians_divergence_is_the_mean_over_draws():
    encoder, features = _encoder("gaussian"), _normal(1, 3)
    latents, log_q, terms = encoder.draw(tf.tile(features, [200_000, 1]), _normal(200_000, 4))
    differences = log_q - encoder.prior().log_prob(latents)
    error = np.std(differences) / len(differences) ** 0.5
    assert float(tf.reduce_mean(differences)) == pytest.approx(
        float(tf.reduce_sum(encoder.kl_terms(features))), abs=5 * error
    )
    by_term = tf.reduce_mean(terms - encoders.log_normal(latents), axis=0)
    np.testing.assert_allclose(by_term, encoder.kl_terms(features)[0], atol=0.02)


def test_an_odd_number_of_latents_is_refused():
    with pytest.raises(UserError, match="--latents=3 .*--encoder=real_nvp"):
        encoders.build("real_nvp", 3, 3)

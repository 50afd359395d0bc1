"""TFP's contract: leading axes, shapes, joint distributions, divergences, for every flow."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.helpers import count_ops, products_per_pass, quick_first, random_images, small_flow
from tfflowgan import plugins

tfb, tfd = tfp.bijectors, tfp.distributions
SHAPE = (4, 4, 1)
each_flow = pytest.mark.parametrize("name", quick_first(plugins.names("flows")))
LEADING = [(), (1,), (5,), (2, 3), (1, 2, 1, 3)]


@functools.cache
def _flow(name):
    keras.utils.set_random_seed(0)
    return small_flow(name, SHAPE, dtype="float64", logit_alpha=0.05)


@functools.cache
def _case(name):
    """Six images, their latents and log-densities, computed with one batch axis."""
    images = random_images(SHAPE, count=6)
    return images.numpy(), _flow(name).encode(images).numpy(), _flow(name).log_prob(images).numpy()


def _led(values, leading):
    count = int(np.prod(leading))
    return values[:count].reshape((*leading, *values.shape[1:]))


@each_flow
@pytest.mark.parametrize("leading", LEADING)
class TestLeadingAxes:
    def test_log_prob_and_prob(self, name, leading):
        images, _, log_prob = _case(name)
        distribution = _flow(name).distribution()
        given = tf.constant(_led(images, leading))
        np.testing.assert_allclose(
            distribution.log_prob(given), _led(log_prob, leading), rtol=1e-9, strict=True
        )
        np.testing.assert_allclose(distribution.prob(given), np.exp(_led(log_prob, leading)))

    def test_samples(self, name, leading):
        distribution = _flow(name).distribution()
        images = distribution.sample(leading, seed=(1, 2))
        assert images.shape == (*leading, *SHAPE)
        same, log_prob = distribution.experimental_sample_and_log_prob(leading, seed=(1, 2))
        np.testing.assert_allclose(same, images, rtol=1e-12)
        np.testing.assert_allclose(
            _flow(name).distribution().log_prob(tf.identity(images)), log_prob, rtol=1e-8
        )

    def test_the_bijector_and_its_log_dets(self, name, leading):
        images, latents, _ = _case(name)
        x, z = tf.constant(_led(images, leading)), tf.constant(_led(latents, leading))
        new = _flow(name).bijector
        np.testing.assert_allclose(new().forward(z), x, atol=1e-9, strict=True)
        np.testing.assert_allclose(new().inverse(x), z, atol=1e-9, strict=True)
        forward = new().forward_log_det_jacobian(z, event_ndims=1)
        inverse = new().inverse_log_det_jacobian(x, event_ndims=3)
        assert forward.shape == leading
        np.testing.assert_allclose(forward, -inverse, atol=1e-8, strict=True)

    @pytest.mark.parametrize("known", ["rank", "nothing"])
    def test_in_a_graph_that_does_not_know_the_axes(self, name, leading, known):
        images, _, log_prob = _case(name)
        shape = None if known == "nothing" else [None] * len(leading) + list(SHAPE)

        @tf.function(input_signature=[tf.TensorSpec(shape, tf.float64)])
        def function(x):
            return _flow(name).distribution().log_prob(x)

        found = function(tf.constant(_led(images, leading)))
        np.testing.assert_allclose(found, _led(log_prob, leading), rtol=1e-9)


@each_flow
class TestDistribution:
    def test_shapes_are_true(self, name):
        distribution = _flow(name).distribution()
        assert distribution.event_shape == SHAPE and distribution.batch_shape == ()
        assert list(distribution.event_shape_tensor()) == list(SHAPE)
        assert list(distribution.batch_shape_tensor()) == []
        assert distribution.dtype == tf.float64

    def test_two_leading_axes_run_each_network_once(self, name):
        flow = _flow(name)
        function = tf.function(lambda x: flow.distribution().log_prob(x))
        graph = function.get_concrete_function(tf.TensorSpec([2, None, *SHAPE], tf.float64))
        assert count_ops(graph, "Conv2D", "MatMul") == products_per_pass(flow)

    def test_it_is_a_prior_in_a_joint_distribution(self, name):
        flow = _flow(name)
        joint = tfd.JointDistributionSequential(
            [flow.distribution(), lambda image: tfd.Independent(tfd.Normal(image, 0.1), 3)]
        )
        image, noisy = joint.sample(seed=(0, 1))
        assert image.shape == noisy.shape == SHAPE
        draws = joint.sample([2, 3], seed=(0, 1))
        assert [draw.shape for draw in draws] == [(2, 3, *SHAPE)] * 2
        found = joint.log_prob([tf.identity(draw) for draw in draws])
        images = tf.reshape(draws[0], [6, *SHAPE])
        noise = tfd.Normal(tf.constant(0.0, tf.float64), 0.1).log_prob(draws[1] - draws[0])
        expected = flow.distribution().log_prob(images).numpy().reshape(2, 3)
        np.testing.assert_allclose(found, expected + noise.numpy().sum(axis=(2, 3, 4)), rtol=1e-8)

    def test_independent_and_mixture_take_it(self, name):
        images, _, log_prob = _case(name)
        flow = _flow(name)
        repeated = tfd.Sample(flow.distribution(), 3)
        np.testing.assert_allclose(
            repeated.log_prob(tf.constant(images[:3])), log_prob[:3].sum(), rtol=1e-9
        )
        same = tfd.Independent(flow.distribution(), 0)
        np.testing.assert_allclose(same.log_prob(tf.constant(images)), log_prob, rtol=1e-9)
        uniform = tfd.Independent(
            tfd.Uniform(tf.zeros(SHAPE, tf.float64), tf.ones(SHAPE, tf.float64)), 3
        )
        weights = tf.constant([0.3, 0.7], tf.float64)
        mixture = tfd.Mixture(tfd.Categorical(probs=weights), [flow.distribution(), uniform])
        expected = np.logaddexp(np.log(0.3) + log_prob, np.log(0.7))
        np.testing.assert_allclose(mixture.log_prob(tf.constant(images)), expected, rtol=1e-8)
        assert mixture.sample(4, seed=1).shape == (4, *SHAPE)

    def test_the_divergence_from_itself_at_another_prior_is_known(self, name):
        flow = _flow(name)
        bijector = flow.bijector()
        wide = tfd.TransformedDistribution(
            tfd.Independent(tfd.Normal(tf.zeros([flow.dims], tf.float64), 2.0), 1), bijector
        )
        narrow = tfd.TransformedDistribution(
            tfd.Independent(tfd.Normal(tf.zeros([flow.dims], tf.float64), 1.0), 1), bijector
        )
        images = narrow.sample(3000, seed=(2, 3))
        ratio = narrow.log_prob(images) - wide.log_prob(images)
        exact = flow.dims * (np.log(2.0) + 0.125 - 0.5)  # KL(N(0, 1) || N(0, 4)) per dimension
        error = np.std(ratio) / np.sqrt(len(ratio))
        assert abs(np.mean(ratio) - exact) < 4 * error < 0.2 * exact

    def test_jacobians_of_a_batch_are_those_of_the_log_det(self, name):
        flow = _flow(name)
        latents = tf.constant(_case(name)[1][:2])
        with tf.GradientTape() as tape:
            tape.watch(latents)
            flat = tf.reshape(flow.bijector().forward(latents), [2, flow.dims])
        log_det = np.linalg.slogdet(tape.batch_jacobian(flat, latents))[1]
        found = flow.bijector().forward_log_det_jacobian(latents, event_ndims=1)
        np.testing.assert_allclose(found, log_det, atol=1e-8)

    def test_a_copy_is_the_same_distribution(self, name):
        images, _, log_prob = _case(name)
        copy = _flow(name).distribution().copy()
        np.testing.assert_allclose(copy.log_prob(tf.constant(images)), log_prob, rtol=1e-9)

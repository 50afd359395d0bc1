"""The logit at its ends, in both precisions."""

import numpy as np
import pytest
import tensorflow as tf

from tfflowgan.bijectors import Logit
from tfflowgan.bijectors.logit import support


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("alpha", [1e-7, 1e-5, 0.05, 0.4])
class TestEnds:
    def test_both_ends_of_the_unit_interval_are_finite_and_symmetric(self, alpha, dtype):
        ends = tf.constant([0.0, 1.0], dtype)[:, None, None, None]
        latents = Logit(alpha, dtype).inverse(ends).numpy().ravel()
        expected = np.log1p(-alpha) - np.log(alpha)
        np.testing.assert_allclose(latents, [-expected, expected], rtol=1e-5)

    def test_samples_from_saturated_latents_have_a_finite_inverse(self, alpha, dtype):
        latents = tf.constant([-200.0, -40.0, 40.0, 200.0], dtype)[:, None, None, None]
        images = tf.identity(Logit(alpha, dtype).forward(latents))
        bijector = Logit(alpha, dtype)
        assert np.isfinite(bijector.inverse(images)).all()
        assert np.isfinite(bijector.inverse_log_det_jacobian(images, event_ndims=3)).all()

    def test_beyond_the_support_there_is_no_number(self, alpha, dtype):
        low, high = support(alpha, np.dtype(dtype).type)
        outside = tf.constant([low - 0.01, high + 0.01], dtype)[:, None, None, None]
        assert np.isnan(Logit(alpha, dtype).inverse(outside)).all()


def test_values_follow_the_closed_form():
    alpha, pixels = 0.05, np.linspace(0.01, 0.99, 12).reshape(1, 3, 4, 1)
    y = pixels * (1 - 2 * alpha) + alpha
    bijector = Logit(alpha, tf.float64)
    np.testing.assert_allclose(bijector.inverse(pixels), np.log(y / (1 - y)), rtol=1e-12)
    log_det = (-np.log(y) - np.log(1 - y) + np.log(1 - 2 * alpha)).sum()
    np.testing.assert_allclose(
        bijector.inverse_log_det_jacobian(pixels, event_ndims=3), [log_det], rtol=1e-12
    )


def test_gradients_are_finite_far_out():
    latents = tf.constant(np.linspace(-300, 300, 9).reshape(1, 3, 3, 1), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(latents)
        bijector = Logit(1e-7)
        value = tf.reduce_sum(bijector.forward(latents)) + bijector.forward_log_det_jacobian(
            latents, event_ndims=3
        )
    assert np.isfinite(tape.gradient(value, latents)).all()


def test_alpha_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="logit_alpha=0.5"):
        Logit(0.5)

"""Terms of a log-density where they belong in the image."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import quick_first, random_images, small_flow
from tfflowgan import flows
from tfflowgan.bijectors import OnePassBijector
from tfflowgan.bijectors.positions import inverse_in_place


@pytest.mark.parametrize("name", quick_first(["nice", "nvp", "real_nvp"]))
def test_they_add_up_to_the_log_determinant(name):
    flow, images = small_flow(name, (8, 4, 3), dtype="float64"), random_images((8, 4, 3))
    latents, derivatives = inverse_in_place(flow.bijector(), images)
    expected = flow.bijector().inverse_log_det_jacobian(images, event_ndims=3)
    assert latents.shape == derivatives.shape == images.shape
    np.testing.assert_allclose(tf.reduce_sum(derivatives, axis=[1, 2, 3]), expected, rtol=1e-12)
    flat = flow.encode(images).numpy()
    np.testing.assert_allclose(np.sort(latents.numpy().reshape(4, -1)), np.sort(flat), atol=1e-12)


@pytest.mark.parametrize("name", quick_first(["nice", "nvp", "real_nvp"]))
def test_latents_of_a_new_flow_stand_where_their_pixels_do(name):
    # it is the identity but for the order of values
    small = {"width": 4, "blocks": 1, "layers": 1}
    options = {k: v for k, v in small.items() if k in flows.options(name)}
    flow = flows.build(name, (8, 4, 3), logit_alpha=None, dtype="float64", **options)
    images = random_images((8, 4, 3))
    latents, derivatives = inverse_in_place(flow.bijector(), images)
    np.testing.assert_allclose(latents, images, atol=1e-12)
    np.testing.assert_allclose(derivatives, 0.0, atol=1e-12)


def test_the_derivative_of_a_value_stands_at_that_value():
    flow = small_flow("nice", (4, 4, 1), dtype="float64", logit_alpha=None)
    images = random_images((4, 4, 1), 1)
    _, derivatives = inverse_in_place(flow.bijector(), images)
    even_then_odd = np.concatenate([np.arange(0, 16, 2), np.arange(1, 16, 2)])
    expected = np.empty(16)
    expected[even_then_odd] = np.asarray(flow.log_scale)
    np.testing.assert_allclose(derivatives.numpy().ravel(), expected)


def test_mixing_keeps_terms_in_their_block_of_pixels():
    options = {"levels": 2, "width": 4, "blocks": 1, "dtype": "float64", "logit_alpha": None}
    flow = flows.build("real_nvp", (4, 4, 1), **options)
    _, log_scale = flow.mixings[0]
    log_scale.assign([0.1, 0.2, 0.3, 0.4])  # all else is still the identity
    _, derivatives = inverse_in_place(flow.bijector(), random_images((4, 4, 1), 1))
    blocks = tf.nn.avg_pool2d(derivatives, 2, 2, "VALID") * 4.0
    np.testing.assert_allclose(blocks, np.full((1, 2, 2, 1), 1.0), rtol=1e-12)


def test_a_layer_without_places_says_so():
    class Strange(OnePassBijector):
        pass

    with pytest.raises(NotImplementedError, match="Strange"):
        inverse_in_place(Strange(tf.float32, forward_ndims=3), tf.zeros([1, 2, 2, 1]))

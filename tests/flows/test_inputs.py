"""Images that a flow refuses, and those that it must not refuse."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import small_flow
from tfflowgan import flows, units
from tfflowgan.errors import UserError

SHAPE = (4, 4, 1)
LOGIT, PLAIN = small_flow("nice"), small_flow("nice", logit_alpha=None)


def _images(count=3):
    return np.random.default_rng(0).uniform(0.1, 0.9, (count, *SHAPE)).astype(np.float32)


def _with(value, row=1):
    images = _images()
    images[row, 2, 3] = value
    return images


@pytest.mark.parametrize("flow", [LOGIT, PLAIN])
@pytest.mark.parametrize("method", ["log_prob", "encode", "__call__"])
class TestRefused:
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_values_that_are_not_finite(self, flow, method, value):
        with pytest.raises(ValueError, match=r"images\[1\].*finite"):
            getattr(flow, method)(_with(value))

    @pytest.mark.parametrize("value", [-60.0, 255.0])
    def test_values_outside(self, flow, method, value):
        images = _images() * (value if value > 1 else 0) + (value if value < 0 else 0)
        with pytest.raises(ValueError, match=r"images\[0\].*must lie in \["):
            getattr(flow, method)(images)

    def test_no_images(self, flow, method):
        with pytest.raises(ValueError, match=r"images.*\(0, 4, 4, 1\)"):
            getattr(flow, method)(np.zeros((0, *SHAPE), np.float32))

    @pytest.mark.parametrize("shape", [SHAPE, (2, 3, *SHAPE), (2, 4, 4), (2, 5, 4, 1), (16,), ()])
    def test_another_shape(self, flow, method, shape):
        with pytest.raises(ValueError, match=r"images.*\(B, 4, 4, 1\)"):
            getattr(flow, method)(np.full(shape, 0.3, np.float32))

    @pytest.mark.parametrize("dtype", [np.uint8, np.int64, bool, str, np.complex64])
    def test_another_kind_of_number(self, flow, method, dtype):
        with pytest.raises(TypeError, match="images.*must be floating-point"):
            getattr(flow, method)(np.zeros((2, *SHAPE)).astype(dtype))


def test_a_value_just_outside_the_support_is_refused_in_pythons_words():
    flow = small_flow("nice", logit_alpha=0.05)
    low, high = flow.bijector().support
    flow.log_prob(_with(np.float32(high)))
    with pytest.raises(ValueError) as error:
        flow.log_prob(_with(np.nextafter(np.float32(high), np.float32(2))))
    assert "--" not in str(error.value) and f"{high:.9g}" in str(error.value)
    with pytest.raises(ValueError, match=r"images\[2\]"):
        flow.log_prob(_with(np.nextafter(np.float32(low), np.float32(-1)), row=2))


def test_the_distribution_has_no_density_outside_the_support():
    for flow, value in ((LOGIT, 1.5), (LOGIT, -0.5)):
        log_prob = flow.distribution().log_prob(_with(value))
        assert log_prob[1] == -np.inf and np.isfinite(log_prob.numpy()[[0, 2]]).all()
        assert flow.distribution().prob(_with(value))[1] == 0.0
    assert np.isnan(LOGIT.distribution().log_prob(_with(np.nan))[1])
    traced = tf.function(LOGIT.log_prob)  # values are not known while it is traced
    assert traced(_with(1.5))[1] == -np.inf


@pytest.mark.parametrize("flow", [LOGIT, PLAIN])
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_own_samples_are_never_refused(flow, temperature):
    flow = flow.astype("float64")
    images, log_prob = flow.sample_and_log_prob(200, seed=1, temperature=temperature)
    if flow.logit_alpha is None:
        assert np.abs(images).max() > 2  # outside what other images must lie in
    np.testing.assert_allclose(flow.log_prob(images.numpy()), log_prob, rtol=1e-4, atol=1e-4)


def test_a_flow_of_two_values_does_not_refuse_its_rarest_samples():
    flow = small_flow("nice", (2, 1, 1), logit_alpha=None)  # of the heavy-tailed logistic prior
    assert np.isfinite(flow.log_prob(flow.sample(20_000, seed=1))).all()


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"n": -1}, "n=-1"),
        ({"n": 1.5}, "n=1.5"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 0.5}, "seed=0.5"),
        ({"temperature": -1.0}, "temperature=-1.0"),
        ({"temperature": float("nan")}, "temperature=nan"),
        ({"temperature": [1.0, 2.0]}, r"temperature=\[1.0, 2.0\]"),
    ],
)
@pytest.mark.parametrize("method", ["sample", "sample_and_log_prob"])
def test_samples_of_bad_arguments_are_refused(method, arguments, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        getattr(LOGIT, method)(**{"n": 1, "seed": 0} | arguments)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"dtype": "float16"}, "--dtype=float16"),
        ({"logit_alpha": 1e-8}, "--logit_alpha=1e-08.*--dtype=float32"),
        ({"image_shape": (4, 4)}, r"image_shape=\(4, 4\)"),
        ({"image_shape": (0, 4, 1)}, r"image_shape=\(0, 4, 1\)"),
    ],
)
def test_what_no_flow_can_be_built_from_is_refused(arguments, said):
    with pytest.raises(UserError, match=said):
        flows.build(**{"name": "nice", "image_shape": SHAPE, "width": 4} | arguments)


class TestGrid:
    @pytest.mark.parametrize("levels", [255, 256])
    def test_pixels_without_noise_get_a_warning(self, levels):
        pixels = np.random.default_rng(0).integers(0, 256, (5, *SHAPE))
        with pytest.warns(UserWarning, match="1/255.*dequantize"):
            LOGIT.log_prob((pixels / levels).astype(np.float32))

    def test_black_and_white_images_get_one_too_and_a_density(self):
        with pytest.warns(UserWarning, match="1/255"):
            assert np.isfinite(LOGIT.log_prob(np.zeros((2, *SHAPE), np.float32))).all()

    def test_dequantized_images_and_a_few_black_ones_among_them_get_none(self):
        images = _images()
        images[0] = 0.0
        LOGIT.log_prob(images)


class TestBitsPerDim:
    def test_it_is_that_of_pixels_with_their_own_noise(self):
        pixels = np.random.default_rng(3).integers(0, 256, (6, *SHAPE), np.uint8)
        bits = LOGIT.bits_per_dim(pixels, seed=4)
        np.testing.assert_allclose(bits[:2], LOGIT.bits_per_dim(pixels[:2], seed=4), rtol=1e-5)
        assert np.abs(bits - LOGIT.bits_per_dim(pixels, seed=5)).max() > 1e-6
        # between the bits of the darkest and of the brightest images that round to these pixels
        many = LOGIT.bits_per_dim(pixels, seed=4, draws=200)
        noise = np.random.default_rng(0).uniform(0, 1 - 2**-16, (200, 6, *SHAPE))
        images = units.dequantize(pixels, noise).astype(np.float32).reshape(-1, *SHAPE)
        mean = LOGIT.log_prob(images).numpy().reshape(200, 6).mean(axis=0)
        np.testing.assert_allclose(many, units.bits_per_dim(mean, 16), atol=0.02)

    def test_bad_arguments_are_named(self):
        with pytest.raises(TypeError, match="images.*float32.*uint8"):
            LOGIT.bits_per_dim(_images())
        with pytest.raises(ValueError, match=r"images.*\(0, 4, 4, 1\)"):
            LOGIT.bits_per_dim(np.zeros((0, *SHAPE), np.uint8))
        with pytest.raises(ValueError, match=r"images.*\(4, 4, 1\).*\(B, 4, 4, 1\)"):
            LOGIT.bits_per_dim(np.zeros(SHAPE, np.uint8))
        for draws in (0, 1.5, True):
            with pytest.raises(ValueError, match=f"draws={draws}"):
                LOGIT.bits_per_dim(np.zeros((1, *SHAPE), np.uint8), draws=draws)
        with pytest.raises(ValueError, match="^seed=1.5"):
            LOGIT.bits_per_dim(np.zeros((1, *SHAPE), np.uint8), seed=1.5)

    @pytest.mark.slow
    def test_a_graph_of_an_unknown_batch_gives_the_same(self):
        pixels = np.random.default_rng(3).integers(0, 256, (6, *SHAPE), np.uint8)
        spec = tf.TensorSpec([None, *SHAPE], tf.uint8)
        traced = tf.function(LOGIT.bits_per_dim, input_signature=[spec])
        np.testing.assert_allclose(traced(pixels), LOGIT.bits_per_dim(pixels), rtol=1e-5)

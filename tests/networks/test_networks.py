"""Networks inside couplings."""

import keras
import numpy as np
import pytest

from tests.helpers import perturb
from tfflowgan.networks import WeightNormConv2D, mlp, resnet


@pytest.mark.parametrize("batch_norm", [False, True])
def test_mlp_starts_at_zero_and_keeps_its_shape(batch_norm):
    network = mlp(3, 5, width=4, layers=2, batch_norm=batch_norm)
    features = np.random.default_rng(0).standard_normal((7, 3)).astype("float32")
    np.testing.assert_array_equal(network(features), np.zeros((7, 5)))


@pytest.mark.parametrize("weight_norm", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_resnet_starts_at_zero_and_keeps_its_shape(weight_norm, batch_norm):
    network = resnet(3, 5, width=4, blocks=2, weight_norm=weight_norm, batch_norm=batch_norm)
    features = np.random.default_rng(0).standard_normal((2, 6, 4, 3)).astype("float32")
    np.testing.assert_array_equal(network(features), np.zeros((2, 6, 4, 5)))


def test_scalar_batch_norm_has_one_mean_and_variance_over_batch_and_features():
    network = mlp(3, 2, width=4, layers=0, batch_norm=True, dtype="float64")
    norm = next(layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization))
    assert [tuple(w.shape) for w in norm.weights] == [(1,)] * 4
    network.layers[-1].kernel.assign(np.eye(3, 2))
    features = np.random.default_rng(0).standard_normal((50, 3))
    expected = (features - features.mean()) / np.sqrt(features.var() + 1e-6)
    np.testing.assert_allclose(network(features, training=True), expected[:, :2], rtol=1e-6)
    np.testing.assert_allclose(norm.moving_mean, 0.1 * features.mean(), rtol=1e-6)


def test_weight_norm_is_the_plain_convolution_at_the_start():
    features = np.random.default_rng(0).standard_normal((2, 5, 5, 3))
    layer = WeightNormConv2D(4, 3, padding="same", dtype="float64")
    normed = layer(features)
    plain = keras.layers.Conv2D(4, 3, padding="same", dtype="float64")
    plain(features)
    plain.set_weights([np.array(layer.kernel), np.array(layer.bias)])
    np.testing.assert_allclose(normed, plain(features), rtol=1e-10)


def test_weight_norm_output_scales_with_the_gain_and_not_with_the_kernel():
    features = np.random.default_rng(0).standard_normal((2, 5, 5, 3))
    layer = WeightNormConv2D(4, 3, padding="same", dtype="float64")
    before = np.array(layer(features))
    layer._kernel.assign(7.0 * np.array(layer.kernel))
    np.testing.assert_allclose(layer(features), before, rtol=1e-10)
    layer.gain.assign(2.0 * np.array(layer.gain))
    np.testing.assert_allclose(layer(features), 2.0 * before, rtol=1e-10)


def test_a_network_may_run_in_bfloat16():
    network = perturb(resnet(3, 2, width=4, blocks=1, dtype="mixed_bfloat16"))
    assert network(np.zeros((1, 4, 4, 3), "float32")).dtype == "bfloat16"
    assert all(w.dtype == "float32" for w in network.weights)

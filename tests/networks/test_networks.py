"""Networks inside couplings."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from tests.helpers import perturb
from tfflowgan.networks import Conv2D, Dense, LayerNorm, WeightNormConv2D, mlp, resnet


@pytest.mark.parametrize("batch_norm", [False, True])
def test_mlp_starts_at_zero_and_keeps_its_shape(batch_norm):
    network = mlp(3, 5, width=4, layers=2, batch_norm=batch_norm)
    features = np.random.default_rng(0).standard_normal((7, 3)).astype("float32")
    np.testing.assert_array_equal(network(features), np.zeros((7, 5)))


@pytest.mark.parametrize("weight_norm", [False, True])
@pytest.mark.parametrize("zero_start", ["last", "blocks"])
@pytest.mark.parametrize("norm", [{}, {"batch_norm": True}, {"layer_norm": True}])
def test_resnet_starts_at_zero_and_keeps_its_shape(weight_norm, zero_start, norm):
    network = resnet(3, 5, 4, 2, weight_norm=weight_norm, zero_start=zero_start, **norm)
    features = np.random.default_rng(0).standard_normal((2, 6, 4, 3)).astype("float32")
    np.testing.assert_array_equal(network(features), np.zeros((2, 6, 4, 5)))


@pytest.mark.parametrize("weight_norm", [False, True])
@pytest.mark.parametrize("zero_start", ["last", "blocks", "none"])
def test_what_starts_at_zero(weight_norm, zero_start):
    network = resnet(3, 5, 4, 2, weight_norm=weight_norm, zero_start=zero_start)
    weight = "gain" if weight_norm else "kernel"
    zero = {
        layer.name
        for layer in network.layers
        if hasattr(layer, weight) and not np.any(getattr(layer, weight))
    }
    blocks = {"conv_0b", "conv_1b"} if zero_start == "blocks" else set()
    assert zero == blocks | ({"last"} if zero_start != "none" else set())
    if weight_norm and zero_start == "none":  # as published
        gains = [layer.gain for layer in network.layers if hasattr(layer, "gain")]
        assert all(np.all(np.array(gain) == 1.0) for gain in gains)


def test_layer_norm_is_that_of_keras():
    draws = np.random.default_rng(0)
    features = tf.constant(draws.standard_normal((2, 3, 4, 6)) * 3 + 1)
    ours, keras_layer = (
        LayerNorm(dtype="float64"),
        keras.layers.LayerNormalization(epsilon=1e-5, dtype="float64"),
    )
    values = []
    for layer in (ours, keras_layer):
        layer.build(features.shape)
        layer.gamma.assign(np.linspace(0.5, 2.0, 6))
        layer.beta.assign(np.linspace(-1.0, 1.0, 6))
        with tf.GradientTape() as tape:
            tape.watch(features)
            normal = layer(features)
            loss = tf.reduce_sum(tf.sin(normal))
        weights = [w.value for w in layer.trainable_weights]
        values.append([normal, *tape.gradient(loss, [features, *weights])])
    for a, b in zip(*values, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("jit", [False, True])
def test_layer_norm_has_exact_second_derivatives(jit):
    """Of features and of gamma: of a function of the gradients by both."""
    draws = np.random.default_rng(0)
    features, gamma = tf.constant(draws.standard_normal((1, 1, 2, 4))), draws.uniform(0.5, 2.0, 4)
    layer = LayerNorm(dtype="float64")
    layer.build(features.shape)
    layer.gamma.assign(gamma)
    weight = layer.gamma.value

    def total(features):
        with tf.GradientTape() as tape:
            tape.watch(features)
            value = tf.reduce_sum(tf.sin(layer(features)) * [1.0, 2.0, 3.0, 4.0])
        by_features, by_gamma = tape.gradient(value, [features, weight])
        return tf.reduce_sum(tf.cos(by_features)) + tf.reduce_sum(tf.sin(by_gamma))

    def curvature(features):
        with tf.GradientTape() as tape:
            tape.watch(features)
            found = total(features)
        return tape.gradient(found, [features, weight])

    def moved(by_features, by_gamma):
        layer.gamma.assign(gamma + by_gamma)
        return total(features + by_features)

    of_features, of_gamma = tf.function(curvature, jit_compile=jit)(features)
    steps = 1e-5 * np.eye(8).reshape(8, 1, 1, 2, 4)
    expected = [(moved(s, 0.0) - moved(-s, 0.0)) / 2e-5 for s in steps]
    np.testing.assert_allclose(tf.reshape(of_features, [-1]), expected, rtol=1e-6, atol=1e-8)
    expected = [(moved(0.0, s) - moved(0.0, -s)) / 2e-5 for s in 1e-5 * np.eye(4)]
    np.testing.assert_allclose(of_gamma, expected, rtol=1e-6, atol=1e-8)


def test_scalar_batch_norm_has_one_mean_and_variance_over_batch_and_features():
    network = mlp(3, 2, width=4, layers=0, batch_norm=True, dtype="float64")
    norm = next(
        layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)
    )
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


@pytest.mark.parametrize(
    "ours, plain, shape",
    [
        (
            lambda **k: Dense(4, activation="relu", **k),
            lambda **k: keras.layers.Dense(4, activation="relu", **k),
            (7, 3),
        ),
        (
            lambda **k: Conv2D(4, 3, padding="same", **k),
            lambda **k: keras.layers.Conv2D(4, 3, padding="same", **k),
            (2, 5, 6, 3),
        ),
    ],
    ids=["dense", "convolution"],
)
def test_a_fast_layer_equals_keras_own_with_its_first_and_second_gradients(ours, plain, shape):
    features = tf.constant(np.random.default_rng(0).standard_normal(shape))
    results, weights = [], None
    for make in (ours, plain):
        layer = make(dtype="float64")
        layer.build(shape)
        weights = weights or [
            np.random.default_rng(i).standard_normal(w.shape) for i, w in enumerate(layer.weights)
        ]
        layer.set_weights(weights)
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(features)
            with tf.GradientTape() as inner:
                inner.watch(features)
                outputs = layer(features)
                loss = tf.reduce_sum(outputs**3)
            slope = inner.gradient(loss, features)
            penalty = tf.reduce_sum(slope**2)
        watched = [features, *layer.trainable_variables]
        results.append(
            [outputs, slope, *outer.gradient(loss, watched), *outer.gradient(penalty, watched)]
        )
    for fast, slow in zip(*results, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-10)


def test_convolutions_are_merged_with_what_follows_them():
    """oneDNN has one operation for convolution, bias and ReLU or sum; the first ReLU and those
    after sums stay.
    """
    network = perturb(resnet(3, 2, width=8, blocks=3))
    function = tf.function(lambda images: network(images))
    context.enable_run_metadata()
    try:
        function(tf.zeros([2, 4, 4, 3]))
        graphs = context.export_run_metadata().function_graphs
    finally:
        context.disable_run_metadata()
    operations = [node.op for graph in graphs for node in graph.post_optimization_graph.node]
    assert sum("FusedConv2D" in op for op in operations) == 8
    assert operations.count("Relu") == 4

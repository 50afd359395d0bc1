"""What holds for every flow, found by listing the folder, on randomly perturbed weights."""

import collections
import functools
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import (
    count_ops,
    perturb,
    products_per_pass,
    quick_first,
    random_images,
    small_flow,
)
from tfflowgan import flows, plugins
from tfflowgan.errors import UserError

SHAPE = (4, 4, 1)
each_flow = pytest.mark.parametrize("name", quick_first(plugins.names("flows")))


@functools.cache
def _flow(name, dtype="float64", shape=SHAPE, **options):
    keras.utils.set_random_seed(0)
    return small_flow(name, shape, dtype=dtype, **options)


@each_flow
def test_inverse_undoes_forward(name):
    flow, images = _flow(name), random_images(SHAPE)
    np.testing.assert_allclose(flow.decode(tf.identity(flow.encode(images))), images, atol=1e-9)
    latents = flow.latents(tf.range(4, dtype=tf.int64))
    np.testing.assert_allclose(flow.encode(tf.identity(flow.decode(latents))), latents, atol=1e-7)


@each_flow
def test_inverse_undoes_forward_in_float32(name):
    flow, images = _flow(name, "float32"), random_images(SHAPE, count=32, dtype="float32")
    np.testing.assert_allclose(flow.decode(tf.identity(flow.encode(images))), images, atol=1e-4)


@each_flow
def test_log_prob_agrees_with_the_autodiff_jacobian(name):
    flow = _flow(name)
    latents = flow.latents(tf.range(3, dtype=tf.int64))
    with tf.GradientTape() as tape:
        tape.watch(latents)
        images = flow.bijector().forward(latents)
        flat = tf.reshape(images, [len(latents), -1])
    log_det = np.linalg.slogdet(tape.batch_jacobian(flat, latents))[1]
    expected = flow.prior().log_prob(latents) - log_det
    np.testing.assert_allclose(flow.log_prob(tf.identity(images)), expected, rtol=1e-9, atol=1e-7)


@each_flow
def test_the_density_of_an_image_in_training_does_not_depend_on_its_neighbours(name):
    flow, images = _flow(name), random_images(SHAPE, count=6)
    together = flow.distribution(training=True).log_prob(images)
    alone = [flow.distribution(training=True).log_prob(images[i : i + 1])[0] for i in range(6)]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


@each_flow
def test_every_variable_gets_a_gradient_that_is_not_zero(name):
    flow = _flow(name)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(
            flow.distribution(training=True).log_prob(random_images(SHAPE, count=16))
        )
    assert flow.trainable_variables
    for variable, gradient in zip(
        flow.trainable_variables, tape.gradient(loss, flow.trainable_variables), strict=True
    ):
        assert gradient is not None and np.abs(gradient).max() > 0, variable.path


@each_flow
def test_eager_equals_graph(name):
    flow, images = _flow(name), random_images(SHAPE)
    np.testing.assert_allclose(
        flow.distribution().log_prob(images), flow.log_prob(images), rtol=1e-10
    )


@each_flow
def test_sample_and_log_prob_equals_log_prob_of_the_samples(name):
    flow = _flow(name)
    images, log_prob = flow.sample_and_log_prob(8, seed=3)
    np.testing.assert_allclose(flow.log_prob(tf.identity(images)), log_prob, rtol=1e-8)
    images, log_prob = flow.distribution().experimental_sample_and_log_prob(8, seed=(1, 2))
    np.testing.assert_allclose(flow.log_prob(tf.identity(images)), log_prob, rtol=1e-8)


@each_flow
def test_the_gradient_of_log_prob_at_own_samples_exists(name):
    flow = _flow(name)
    images = flow.sample(4, seed=0)
    with tf.GradientTape() as tape:
        tape.watch(images)
        log_prob = flow.log_prob(images)
    assert np.isfinite(tape.gradient(log_prob, images)).all()


@each_flow
def test_each_image_depends_on_its_seed_alone(name):
    flow = _flow(name)
    np.testing.assert_allclose(
        flow.sample(3, seed=5), flow.sample(7, seed=5)[:3], rtol=1e-12, atol=1e-12
    )
    assert np.abs(flow.sample(1, seed=5) - flow.sample(1, seed=6)).max() > 1e-3


@each_flow
def test_samples_follow_the_temperature(name):
    flow = _flow(name)
    latents = flow.encode(flow.sample(4, seed=1, temperature=0.5))
    np.testing.assert_allclose(latents, 0.5 * flow.encode(flow.sample(4, seed=1)), atol=1e-6)


@each_flow
def test_encoded_samples_follow_the_prior(name):
    flow = _flow(name)
    latents = flow.encode(flow.sample(500, seed=2)).numpy()
    deviation = {"normal": 1.0, "logistic": np.pi / np.sqrt(3.0)}[flow.prior_name]
    assert abs(latents.mean()) < 5 * deviation / np.sqrt(latents.size)
    np.testing.assert_allclose(latents.std(), deviation, rtol=0.05)


@each_flow
def test_log_prob_follows_a_weight_update(name):
    flow, images = flows.build(name, SHAPE, width=4, dtype="float64"), random_images(SHAPE)
    before = flow.log_prob(images)
    perturb(flow)
    assert np.abs(flow.log_prob(images) - before).max() > 1e-3


@each_flow
def test_float64_is_the_same_flow(name):
    flow = _flow(name, "float32")
    images = random_images(SHAPE, dtype="float32")
    double = flow.astype("float64")
    assert double.log_prob(images).dtype == tf.float64
    np.testing.assert_allclose(flow.log_prob(images), double.log_prob(images), rtol=1e-4, atol=1e-3)
    for a, b in zip(flow.get_weights(), double.astype("float32").get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@each_flow
def test_bfloat16_networks_keep_densities_in_float32(name):
    flow = _flow(name, "float32", network_dtype="mixed_bfloat16")
    full = small_flow(name, SHAPE)
    full.set_weights(flow.get_weights())
    images = random_images(SHAPE, dtype="float32")
    assert flow.log_prob(images).dtype == tf.float32
    np.testing.assert_allclose(flow.log_prob(images), full.log_prob(images), rtol=0.1, atol=1.0)
    np.testing.assert_allclose(flow.decode(flow.encode(images)), images, atol=1e-4)


@each_flow
def test_every_network_runs_once(name):
    flow = small_flow(
        name, SHAPE, dtype="float32"
    )  # new: functions called before have other shapes
    images, latents = tf.TensorSpec([2, *SHAPE]), tf.TensorSpec([2, flow.dims])
    functions = {
        "log_prob": tf.function(lambda x: flow.distribution().log_prob(x)).get_concrete_function(
            images
        ),
        "sample": tf.function(lambda z: flow.bijector().forward(z)).get_concrete_function(latents),
        "sample_and_log_prob": tf.function(
            lambda: flow.distribution().experimental_sample_and_log_prob(2, seed=(0, 0))
        ).get_concrete_function(),
        "Flow.log_prob": flow._log_prob_function.get_concrete_function(images),
        "Flow.encode": flow._encode_function.get_concrete_function(images),
        "Flow.sample and Flow.decode": flow._generate_function.get_concrete_function(latents),
        "Flow.decode_with_log_prob": flow._decode_function.get_concrete_function(latents),
    }
    for label, function in functions.items():
        assert count_ops(function, "Conv2D", "MatMul") == products_per_pass(flow), label
    plain = functions["Flow.sample and Flow.decode"]
    dense = functions["Flow.decode_with_log_prob"]
    assert _work(plain.outputs) == _work(dense.outputs[:1])  # no log-determinant
    assert _work(plain.outputs).total() < _work(dense.outputs).total()


@each_flow
def test_decode_and_sample_compute_no_log_density(name):
    flow = _flow(name, "float32")
    with mock.patch.object(flow, "_decode_function", None):
        assert flow.sample(2, seed=0).shape == flow.decode(np.zeros([2, flow.dims], "f4")).shape


def _work(tensors):
    """How often each type of operation runs for tensors of a graph."""
    types, left = {}, [tensor.op for tensor in tensors]
    while left:
        operation = left.pop()
        if operation.name not in types:
            types[operation.name] = operation.type
            left += [tensor.op for tensor in operation.inputs]
    return collections.Counter(types.values())


@each_flow
@pytest.mark.parametrize("logit_alpha", [None, 0.05])
def test_the_density_integrates_to_one(name, logit_alpha):
    try:
        flow = _flow(name, shape=(1, 2, 1), logit_alpha=logit_alpha)
    except UserError:
        flow = _flow(name, shape=(2, 2, 1), logit_alpha=logit_alpha)
    if flow.dims == 2:
        assert _grid_integral(flow) == pytest.approx(1.0, abs=2e-3)
    else:
        mean, error = _importance_sampled_integral(flow)
        assert error < 0.1
        assert abs(mean - 1.0) < 3 * error


def _grid_integral(flow):
    low, high = _box(flow)
    edges = np.linspace(low, high, 801)
    middles = (edges[1:] + edges[:-1]) / 2
    points = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, *flow.image_shape)
    return np.exp(flow.distribution().log_prob(points)).sum() * (edges[1] - edges[0]) ** 2


def _importance_sampled_integral(flow, count=100_000):
    generator = np.random.default_rng(0)
    if flow.logit_alpha is not None:
        low, high = _box(flow)
        points = generator.uniform(low, high, (count, *flow.image_shape))
        log_proposal = -flow.dims * np.log(high - low)
    else:
        deviation = 2.0
        points = deviation * generator.standard_normal((count, *flow.image_shape))
        log_proposal = -0.5 * (points**2).sum(axis=(1, 2, 3)) / deviation**2
        log_proposal = log_proposal - 0.5 * flow.dims * np.log(2 * np.pi * deviation**2)
    ratios = np.exp(flow.distribution().log_prob(points) - log_proposal)
    return ratios.mean(), ratios.std() / np.sqrt(count)


def _box(flow):
    """A square that holds the mass: the logit's support, or far enough out."""
    if flow.logit_alpha is None:
        return -40.0, 40.0
    margin = flow.logit_alpha / (1 - 2 * flow.logit_alpha)
    return -margin + 1e-9, 1 + margin - 1e-9


@each_flow
def test_pixels_that_were_not_dequantized_are_refused(name):
    with pytest.raises(TypeError, match="images .*uint8"):
        _flow(name).log_prob(np.zeros((2, *SHAPE), np.uint8))


@each_flow
def test_images_of_another_shape_are_refused(name):
    with pytest.raises(ValueError, match=r"images .*\(2, 5, 4, 1\) .*\(B, 4, 4, 1\)"):
        _flow(name).log_prob(np.zeros((2, 5, 4, 1)))

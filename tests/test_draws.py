"""Draws by kernels, under XLA, and TensorFlow's own."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import draws

SHAPES = [[7], [4, 3, 3, 1], [1], [1001]]
DTYPES = ["float32", "float64"]


def _both(function, *arguments):
    """What a function gives by kernels and under XLA."""
    return [tf.function(function, jit_compile=jit)(*arguments).numpy() for jit in (False, True)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_uniform_numbers_are_those_of_the_kernel_bit_for_bit(shape, dtype):
    own = tf.random.stateless_uniform(shape, (3, 5), dtype=dtype).numpy()
    for found in _both(lambda seed: draws.uniform(shape, seed, dtype), tf.constant([3, 5])):
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, own)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_normal_numbers_are_those_of_the_kernel_within_2e_6(shape, dtype):
    own = tf.random.stateless_normal(shape, (3, 5), dtype=dtype).numpy()
    for found in _both(lambda seed: draws.normal(shape, seed, dtype), tf.constant([3, 5])):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, own, atol=2e-6)


@pytest.mark.parametrize("count", [1, 7, 45_000, 2**31 - 1])
def test_integers_are_those_of_the_kernel(count):
    own = tf.random.stateless_uniform([999], (3, 5), 0, count, tf.int32).numpy()
    for found in _both(lambda seed: draws.integers([999], seed, count), tf.constant([3, 5])):
        np.testing.assert_array_equal(found, own)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["normal", "logistic"])
def test_latents_are_those_of_tensorflow_probability(name, dtype):
    from tfflowgan import flows

    flow = flows.build("nice", (4, 4, 1), prior=name, dtype=dtype, width=8, layers=1)
    zeros = tf.zeros([16], dtype)
    theirs = {"normal": tfp.distributions.Normal, "logistic": tfp.distributions.Logistic}
    own = theirs[name](zeros, tf.ones_like(zeros)).sample(9, seed=[3, 5]).numpy()
    for found in _both(lambda seed: flow.prior().sample(9, seed=seed), tf.constant([3, 5])):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, own, atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize("seed", [(3, 5), (-3, 5), (3, -5), (-(2**31), 2**31 - 1)])
def test_a_seed_may_be_negative(seed):
    own = tf.random.fold_in(seed, 7).numpy()
    bits = tf.random.stateless_uniform([9], seed).numpy()
    for folded in _both(lambda s: draws.fold_in(s, 7), tf.constant(seed)):
        np.testing.assert_array_equal(folded, own)
    for found in _both(lambda s: draws.uniform([9], s), tf.constant(seed)):
        np.testing.assert_array_equal(found, bits)


def test_a_shape_may_be_a_tensor():
    shape = tf.shape(tf.zeros([5, 2]))
    np.testing.assert_array_equal(draws.uniform(shape, (1, 2)), draws.uniform([5, 2], (1, 2)))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 7, 48])
def test_rows_are_those_of_single_seeds(count, dtype):
    seeds = np.random.default_rng(0).integers(-(2**31), 2**31, (9, 2), dtype=np.int64)
    seeds = tf.constant(seeds, tf.int32)
    for one, several in ((draws.uniform, draws.uniform_rows), (draws.normal, draws.normal_rows)):
        own = np.stack([one([count], seed, dtype) for seed in seeds])
        for found in _both(lambda s: several(count, s, dtype), seeds):  # noqa: B023
            np.testing.assert_allclose(found, own, 0, 2e-6 if one is draws.normal else 0)
    folded = np.stack([draws.fold_in(seed, 3) for seed in seeds])
    for found in _both(lambda s: draws.fold_in_rows(s, 3), seeds):
        np.testing.assert_array_equal(found, folded)
    assert draws.uniform_rows(count, seeds[:0], dtype).shape == (0, count)

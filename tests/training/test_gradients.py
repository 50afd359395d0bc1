"""Clipping, and what becomes of gradients that are not finite, for small and large tensors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfflowgan.training import gradients

SHAPES = [(3,), (gradients._LARGE // 4, 5)]


def _moved(found, clip_norm):
    weights = [keras.Variable(np.zeros(shape, "float32")) for shape in SHAPES]
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(weights)
    norm = gradients.apply(optimizer, [tf.constant(g) for g in found], weights, clip_norm)
    return float(norm), [w.numpy() for w in weights]


@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_one_factor_clips_tensors_of_any_size(clip_norm):
    draws = np.random.default_rng(0)
    found = [draws.standard_normal(shape).astype("float32") for shape in SHAPES]
    norm, moved = _moved(found, clip_norm)
    assert norm == pytest.approx(np.sqrt(sum(np.square(g).sum() for g in found)), rel=1e-5)
    factor = 1.0 if clip_norm is None else clip_norm / norm
    for gradient, weight in zip(found, moved, strict=True):
        np.testing.assert_allclose(weight, -factor * gradient, rtol=1e-5)


@pytest.mark.parametrize("bad", [0, 1])
def test_one_value_that_is_not_finite_makes_all_gradients_zero(bad):
    found = [np.ones(shape, "float32") for shape in SHAPES]
    found[bad].flat[0] = np.nan
    _, moved = _moved(found, None)
    assert not any(np.any(weight) for weight in moved)

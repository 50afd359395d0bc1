"""Learning rates over steps."""

import keras
import numpy as np
import pytest

from tfflowgan.config import Config
from tfflowgan.training.optimizer import Adam, LearningRate, build_optimizer


def test_constant():
    assert float(LearningRate(0.1)(12345)) == pytest.approx(0.1)


def test_exponential_multiplies_by_the_rate_each_step():
    rate = LearningRate(1e-3, "exponential", decay_rate=0.999995)
    assert float(rate(200_000)) == pytest.approx(
        1e-3 * np.exp(200_000 * np.log(0.999995)), rel=1e-4
    )


def test_cosine_goes_from_one_to_zero():
    rate = LearningRate(2.0, "cosine", total_steps=100)
    assert [float(rate(t)) for t in (0, 50, 100, 500)] == pytest.approx(
        [2.0, 1.0, 0.0, 0.0], abs=1e-6
    )


def test_warm_up_rises_linearly():
    rate = LearningRate(1.0, warmup_steps=4)
    assert [float(rate(t)) for t in range(6)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 1.0])


def test_adam_has_the_configurations_settings():
    config = Config(learning_rate=0.02, beta1=0.5, beta2=0.9, epsilon=1e-6, warmup_steps=0)
    optimizer = build_optimizer(config, total_steps=10)
    assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.5, 0.9, 1e-6)
    assert float(optimizer.learning_rate) == pytest.approx(0.02)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_adam_in_one_pass_is_keras_own(dtype):
    paths = []
    for kind in (Adam, keras.optimizers.Adam):
        weight = keras.Variable(np.random.default_rng(0).standard_normal((3, 4)), dtype=dtype)
        optimizer = kind(LearningRate(0.01, warmup_steps=3), 0.5, 0.9, 1e-3)
        for gradient in _gradients(dtype):
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        paths.append([np.array(v) for v in (weight, *optimizer.variables)])
    for one_pass, plain in zip(*paths, strict=True):
        np.testing.assert_allclose(
            one_pass, plain, rtol=1e-4, atol=1e-7
        )  # Keras has the powers of beta in float32


def test_adam_is_kingma_and_bas_algorithm_1():
    weight = keras.Variable(np.ones((3, 4)), dtype="float64")
    optimizer = Adam(0.01, 0.5, 0.9, 1e-3)
    w, m, v = np.ones((3, 4)), 0.0, 0.0
    for t, gradient in enumerate(_gradients("float64"), start=1):
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        m, v = 0.5 * m + 0.5 * gradient, 0.9 * v + 0.1 * gradient**2
        rate = float(np.float32(0.01)) * np.sqrt(1 - 0.9**t) / (1 - 0.5**t)
        w = w - rate * m / (np.sqrt(v) + 1e-3)
    np.testing.assert_allclose(weight, w, rtol=1e-12)


def _gradients(dtype, steps=6):
    return [
        np.random.default_rng(step).standard_normal((3, 4)).astype(dtype)
        for step in range(1, steps + 1)
    ]

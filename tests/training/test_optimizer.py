"""Learning rates over steps."""

import numpy as np
import pytest

from tfflowgan.config import Config
from tfflowgan.training.optimizer import LearningRate, build_optimizer


def test_constant():
    assert float(LearningRate(0.1)(12345)) == pytest.approx(0.1)


def test_exponential_multiplies_by_the_rate_each_step():
    rate = LearningRate(1e-3, "exponential", decay_rate=0.999995)
    assert float(rate(200_000)) == pytest.approx(1e-3 * np.exp(200_000 * np.log(0.999995)), rel=1e-4)


def test_cosine_goes_from_one_to_zero():
    rate = LearningRate(2.0, "cosine", total_steps=100)
    assert [float(rate(t)) for t in (0, 50, 100, 500)] == pytest.approx([2.0, 1.0, 0.0, 0.0], abs=1e-6)


def test_warm_up_rises_linearly():
    rate = LearningRate(1.0, warmup_steps=4)
    assert [float(rate(t)) for t in range(6)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 1.0])


def test_adam_has_the_configurations_settings():
    config = Config(learning_rate=0.02, beta1=0.5, beta2=0.9, epsilon=1e-6, warmup_steps=0)
    optimizer = build_optimizer(config, total_steps=10)
    assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.5, 0.9, 1e-6)
    assert float(optimizer.learning_rate) == pytest.approx(0.02)

"""Scaled losses: overflows are skipped, the scale follows, and the state is kept."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT, random_images, small_flow
from tfflowgan import objectives
from tfflowgan.config import Config
from tfflowgan.runs.checkpoints import checkpoint_paths, read_part
from tfflowgan.runs.run import Run
from tfflowgan.training import gradients
from tfflowgan.training.loss_scale import LossScale
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam, RMSprop
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

SHAPE = (4, 4, 1)
TINY = {"data_source": "embedded", "flow": "nice", "width": 8, "layers": 1, "couplings": 2}
TINY |= {"limit": 60, "batch_size": 20, "warmup_steps": 0, "network_dtype": "mixed_float16"}


def _model(scale=None, optimizer=Adam, **options):
    keras.utils.set_random_seed(0)
    flow = small_flow("nice", SHAPE, **options)
    model = FlowGAN(flow, objectives.build("mle"), clip_norm=5.0, loss_scale=scale)
    model.compile(optimizer=optimizer(1e-3), jit_compile=False)
    model.build_optimizer()
    return model, tf.function(model.train_step)


def _state(model):
    variables = [*model.generator.weights, *model.optimizer.variables]
    return [np.array(v) for v in variables if "iteration" not in v.path]


def test_the_scale_follows_overflows_and_grows_after_steps_without():
    scale = LossScale()
    yes, no = tf.constant(True), tf.constant(False)
    first = float(scale.value)
    assert bool(scale.update(no)) and float(scale.value) == first / 2
    for _ in range(999):
        assert not scale.update(yes)
    assert float(scale.value) == first / 2
    scale.update(yes)
    assert float(scale.value) == first
    scale.value.assign(2.0**24)
    for _ in range(1000):
        scale.update(yes)
    assert float(scale.value) == 2.0**24  # no more
    scale.value.assign(1.5 * 2.0**-14)
    assert bool(scale.update(no)) and float(scale.value) == 2.0**-14
    assert not scale.update(no) and float(scale.value) == 2.0**-14  # now it is an error


@pytest.mark.parametrize("optimizer", [Adam, RMSprop])
def test_a_scale_that_overflows_nothing_changes_nothing(optimizer):
    images = random_images(SHAPE, count=8, dtype="float32")
    (plain, step), (scaled, scaled_step) = _model(None, optimizer), _model(LossScale(), optimizer)
    for _ in range(3):
        logs, scaled_logs = step({"images": images}), scaled_step({"images": images})
    for name, value in logs.items():  # powers of two: equal, up to how a graph is fused
        np.testing.assert_allclose(value, scaled_logs[name], rtol=1e-6)
    for one, other in zip(_state(plain), _state(scaled), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("optimizer", [Adam, RMSprop])
def test_a_gradient_that_overflows_skips_the_step(optimizer):
    scale = LossScale()
    model, step = _model(scale, optimizer)
    images = random_images(SHAPE, count=8, dtype="float32")
    step({"images": images})  # so that there are moments
    before, taken = _state(model), model.step
    scale.value.assign(3e38)
    logs = step({"images": images})
    assert np.isfinite(logs["loss"]) and np.isfinite(logs["gradient_norm"])
    assert float(scale.value) == pytest.approx(1.5e38) and model.step == taken + 1
    for one, other in zip(before, _state(model), strict=True):
        np.testing.assert_array_equal(one, other)
    scale.value.assign(2.0**10)
    step({"images": images})
    assert any((a != b).any() for a, b in zip(before, _state(model), strict=True))


def test_a_loss_that_is_not_finite_is_seen():
    model, step = _model(LossScale())
    images = random_images(SHAPE, count=4, dtype="float32").numpy()
    images[0, 0, 0, 0] = np.nan
    assert not np.isfinite(step({"images": tf.constant(images)})["loss"])


def test_a_gradient_that_is_not_finite_at_the_smallest_scale_is_seen():
    scale, weight = LossScale(), keras.Variable(np.ones(2, np.float32))
    optimizer = Adam(0.1)
    optimizer.build([weight])
    scale.value.assign(2.0**-14)
    bad = [tf.constant([np.inf, 1.0])]
    assert not np.isfinite(gradients.apply(optimizer, bad, [weight], None, scale))
    np.testing.assert_array_equal(weight, [1.0, 1.0])  # as without scaling


def test_an_optimizer_that_cannot_skip_is_refused():
    optimizer, weight = keras.optimizers.SGD(0.1), keras.Variable(np.ones(2, np.float32))
    with pytest.raises(TypeError, match="SGD .*PreSummedGradients"):
        gradients.apply(optimizer, [tf.ones(2)], [weight], None, LossScale())


@pytest.mark.slow
def test_two_devices_skip_and_scale_as_one():
    script = ROOT / "tests" / "training" / "scaled_on_two_devices.py"
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "all equal" in done.stdout


@pytest.mark.slow
def test_networks_in_float16_train_weights_in_float32():
    model, step = _model(LossScale(), network_dtype="mixed_float16")
    images = random_images(SHAPE, count=16, dtype="float32")
    losses = [float(step({"images": images})["loss"]) for _ in range(8)]
    assert losses[-1] < losses[0]
    assert all(weight.dtype == "float32" for weight in model.generator.weights)


@pytest.mark.slow
def test_a_run_in_float16_continues_with_its_scale(tmp_path):
    run = Run(tmp_path / "run")
    train(resolve(Config(**TINY, steps=2)), run.path, None)
    before = _kept(run)
    assert before <= 2.0**6
    train(resolve(Config(**TINY, steps=12)), run.path, None)
    assert _kept(run) <= before
    rows = run.metrics()
    assert all(np.isfinite(row["gradient_norm"]) for row in rows)
    assert rows[-1]["validation_nll"] < rows[0]["validation_nll"]


def _kept(run):
    """The scale in the newest checkpoint."""
    kept = read_part(checkpoint_paths(run.checkpoints)[0], "loss_scale")
    assert kept is not None and len(kept) == 2
    return max(kept)


@pytest.mark.slow
def test_a_run_in_float32_keeps_no_scale(tmp_path):
    run = Run(tmp_path / "run")
    train(resolve(Config(**TINY | {"network_dtype": None}, steps=1)), run.path, None)
    assert read_part(checkpoint_paths(run.checkpoints)[0], "loss_scale") is None

"""The batch of evaluations during training changes no number, and may change within a run."""

import numpy as np
import pytest

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.runs.checkpoints import checkpoint_paths, read_part
from tfflowgan.runs.run import Run
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.monitor import untrained
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

TINY = {"data_source": "embedded", "flow": "nice", "width": 8, "layers": 1, "couplings": 2}
TINY |= {"limit": 70, "batch_size": 20, "warmup_steps": 0, "decay": "constant", "monitor_steps": 2}


@pytest.mark.slow
def test_evaluations_do_not_depend_on_it(tmp_path):
    rows, weights = {}, {}
    for batch in (256, 9):
        run = Run(tmp_path / str(batch))
        train(resolve(Config(**TINY, steps=2, monitor_batch=batch)), run.path, None)
        (rows[batch],) = run.metrics()
        weights[batch] = read_part(checkpoint_paths(run.checkpoints)[0], "generator")
    for name in ("train_nll", "validation_nll", "inverse_error", "max_log_scale"):
        assert rows[9][name] == pytest.approx(rows[256][name], rel=1e-5, abs=1e-6)
    for one, other in zip(weights[9], weights[256], strict=True):
        np.testing.assert_array_equal(one, other)
    train(resolve(Config(**TINY, steps=4, monitor_batch=256)), tmp_path / "9", None)  # goes on
    assert Run(tmp_path / "9").config().monitor_batch == 256


def test_a_batch_without_images_is_refused():
    with pytest.raises(UserError, match="--monitor_batch=0 must be greater than 0"):
        Config(monitor_batch=0)


@pytest.mark.parametrize("tf32, batch, found", [(False, 64, 64), (True, 64, 65), (True, 128, 65)])
def test_under_tf32_no_full_batch_is_an_equal_share_of_a_step(tf32, batch, found):
    config = Config(tf32=tf32, batch_size=batch, monitor_batch=64)
    assert untrained(64, config) == found and untrained(63, config) == 63


@pytest.mark.slow
def test_a_run_under_tf32_measures_other_numbers_of_images(tmp_path, monkeypatch):
    seen, encode, evaluate = [], Flow.encode, FlowGAN.evaluate
    monkeypatch.setattr(
        Flow, "encode", lambda s, x, **more: seen.append(len(x)) or encode(s, x, **more)
    )

    def batches(model, images, **more):
        seen.extend(len(batch) for batch, _ in images.take(1))
        return evaluate(model, images, **more)

    monkeypatch.setattr(FlowGAN, "evaluate", batches)
    settings = TINY | {"limit": 200, "batch_size": 20, "monitor_batch": 10}
    for tf32, expected in ((False, {10, 20}), (True, {11, 21})):
        seen.clear()
        monkeypatch.setattr("tfflowgan.training.monitor._INVERTED_IMAGES", 20)
        train(resolve(Config(**settings, steps=2, tf32=tf32)), tmp_path / str(tf32), None)
        assert set(seen) == expected

"""The batch of evaluations during training changes no number, and may change within a run."""

import numpy as np
import pytest

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import checkpoint_paths, read_part
from tfflowgan.runs.run import Run
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

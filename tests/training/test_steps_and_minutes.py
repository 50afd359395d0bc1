"""Runs with --steps and --minutes, from beginning to end."""

import json
import logging

import numpy as np
import pytest
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.runs.run import Run
from tfflowgan.training import minutes
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

pytestmark = pytest.mark.slow

TINY = {"data_source": "embedded", "flow": "nice", "width": 4, "layers": 1}
TINY |= {"limit": 60, "batch_size": 20, "learning_rate": 1e-3, "deterministic": True}


@pytest.fixture
def clocked(monkeypatch):
    """A clock in which a step takes a second, whatever it really takes."""
    now = iter(range(10**6))
    monkeypatch.setattr(minutes, "monotonic", lambda: next(now))


def _train(run, **settings):
    return train(resolve(Config(**TINY | settings)), run, None)


def _rows(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in Run.open(run).metrics()]


def _state(run, step):
    path = str(run / "checkpoints" / f"step-{step:09d}")
    names = [name for name, _ in tf.train.list_variables(path) if "VARIABLE_VALUE" in name]
    return {n: tf.train.load_variable(path, n) for n in names if "progress/4/" not in n}


def test_minutes_end_where_the_schedule_does_and_steps_repeat_them(tmp_path, caplog, monkeypatch):
    caplog.set_level(logging.INFO, "tfflowgan")
    with monkeypatch.context() as patch:
        now = iter(range(10**6))
        patch.setattr(minutes, "monotonic", lambda: next(now))
        end = _train(tmp_path / "run", epochs=1000, minutes=0.2)
    # 12 seconds, of which five went into the trial
    assert (end["reason"], end["step"]) == ("0.2 minutes", 7)
    assert "7 steps fit into --minutes=0.2" in caplog.text and "--steps=7 repeats" in caplog.text
    assert _rows(tmp_path / "run")[-1]["learning_rate"] == 0.0
    again = _train(tmp_path / "again", steps=7)
    assert again["reason"] == "all 7 steps"
    assert _rows(tmp_path / "again") == _rows(tmp_path / "run")
    one, other = _state(tmp_path / "run", 7), _state(tmp_path / "again", 7)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_a_stopped_run_keeps_its_number_of_steps_and_more_minutes_add_some(tmp_path, clocked):
    run = tmp_path / "run"
    end = _train(run, epochs=1000, minutes=0.2)
    (run / "finished.json").unlink()
    for path in (run / "checkpoints").glob("step-000000007*"):
        path.unlink()
    assert _train(run, epochs=1000, minutes=0.2)["step"] == end["step"] == 7  # no second trial
    assert json.loads((run / "minutes.json").read_text())["timed_steps"] == 5
    # 30 seconds: seven steps, five of another trial, eighteen more
    assert _train(run, epochs=1000, minutes=0.5)["step"] == 25
    assert _train(run, steps=26)["reason"] == "all 26 steps"
    settled = Run.open(run).config()
    assert (settled.warmup_steps, settled.monitor_steps, settled.minutes) == (0, 0, None)


def test_a_small_folder_trains_in_a_smaller_batch_and_resumes_by_the_same_command(tmp_path):
    assert _train(tmp_path / "run", epochs=1, batch_size=100)["step"] == 1
    assert Run.open(tmp_path / "run").config().batch_size == 100
    assert _train(tmp_path / "run", epochs=2, batch_size=100)["step"] == 2

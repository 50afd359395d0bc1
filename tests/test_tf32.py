"""TF32 is off where densities are judged, and left as it was elsewhere."""

import json

import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import small_flow, synthetic_splits
from tfflowgan import scoring, tf32
from tfflowgan.config import Config
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.flows import Flow
from tfflowgan.runs.run import Run
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

TINY = {"data_source": "embedded", "flow": "nice", "width": 8, "layers": 1, "couplings": 2}
TINY |= {"limit": 60, "batch_size": 20, "steps": 2, "warmup_steps": 0}


def _record(monkeypatch, kind, name, seen):
    """Records the switch at every call of a method."""
    own = getattr(kind, name)

    def recording(self, *arguments, **options):
        seen.append(tf32.is_allowed())
        return own(self, *arguments, **options)

    monkeypatch.setattr(kind, name, recording)


def test_the_switch_is_put_back():
    before = tf32.is_allowed()
    with tf32.allowed(not before):
        assert tf32.is_allowed() is not before
        with tf32.allowed(before):
            assert tf32.is_allowed() is before
        assert tf32.is_allowed() is not before
    assert tf32.is_allowed() is before
    with pytest.raises(ValueError), tf32.allowed(not before):
        raise ValueError
    assert tf32.is_allowed() is before


def test_a_function_is_decorated_for_every_call():
    seen = []

    @tf32.allowed(False)
    def judge():
        seen.append(tf32.is_allowed())

    with tf32.allowed(True):
        judge()
        judge()
        assert tf32.is_allowed() and seen == [False, False]


def test_importing_the_package_leaves_a_program_its_setting():
    assert tfflowgan.__version__ and tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [False, True])
def test_training_steps_alone_follow_the_setting(monkeypatch, tmp_path, chosen):
    steps, measured = [], []
    _record(monkeypatch, FlowGAN, "train_step", steps)
    _record(monkeypatch, FlowGAN, "test_step", measured)
    train(resolve(Config(**TINY, tf32=chosen)), tmp_path / "run", None)
    assert set(steps) == {chosen} and set(measured) == {False}
    assert tf32.is_allowed()  # as before
    run = Run.open(tmp_path / "run")
    assert run.data()["provenance"]["tf32"] is chosen

    seen = []
    _record(monkeypatch, Flow, "log_prob", seen)
    result, _ = RunEvaluator(run).evaluate("likelihood", {"samples": 4, "checked": 2})
    assert set(seen) == {False} and result["provenance"]["tf32"] is False and tf32.is_allowed()


def test_scores_are_computed_without(monkeypatch):
    flow, seen = small_flow("nice"), []
    _record(monkeypatch, scoring.measurements.Measure, "_passed", seen)
    scoring.score_images(flow, np.zeros((2, 4, 4, 1), np.uint8))
    assert seen and not any(seen) and tf32.is_allowed()


@pytest.mark.slow
def test_a_program_keeps_its_setting_around_fit(monkeypatch):
    steps, splits = [], synthetic_splits(40)
    _record(monkeypatch, FlowGAN, "train_step", steps)
    flow = small_flow("nice")
    settings = {"validation_data": splits.validation.images, "steps": 1, "batch_size": 8}
    tfflowgan.fit(flow, splits.train.images, verbose=0, **settings)
    assert set(steps) == {False} and tf32.is_allowed()


def test_configurations_of_older_formats_trained_with_tensorflows_default(tmp_path):
    from tfflowgan import config

    path = tmp_path / "config.json"
    for written, meant in ((1, True), (4, True), (5, False)):
        path.write_text(json.dumps({"format": written}))
        assert Config(**config.from_file(str(path))).tf32 is meant
    assert not config.changes(Config(tf32=True), Config())  # a run continues with either

"""The length of a run: steps, minutes, warm-up, periods, and what is out of reach."""

import dataclasses
import math
import re

import pytest

from tests.helpers import synthetic_splits
from tfflowgan import config as config_module
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs import going_on
from tfflowgan.runs.run import Run
from tfflowgan.training import minutes
from tfflowgan.training.length import check, out_of_reach, planned_steps, settle
from tfflowgan.training.resolve import resolve
from tfflowgan.training.work import steps_within, work

BURSTS = {"objective": "wgan_gp", "critic_steps": 3, "burst_steps": 13, "burst_first": 2}


class OneDevice:
    """A strategy, as far as its number of devices goes."""

    def __init__(self, count=1):
        self.num_replicas_in_sync = count


def test_steps_take_the_place_of_epochs_and_both_are_refused():
    assert planned_steps(resolve(Config()), 7) == 70
    assert planned_steps(resolve(Config(steps=7)), 100) == 7
    with pytest.raises(UserError, match=r"--steps=7\b.*--epochs=3\b"):
        Config(steps=7, epochs=3)
    preset = config_module.from_preset("nice_mnist_mle")
    assert Config(**config_module.lay(preset, {"steps": 7})).epochs is None
    assert config_module.run_name(Config(**config_module.lay(preset, {"steps": 7}))).endswith(
        "mle_steps7"
    )


def test_a_run_of_epochs_goes_on_to_steps():
    before, now = resolve(Config(epochs=2)), resolve(Config(steps=30))
    assert going_on.changed_ends(before, now) == [("steps", None, 30)]
    assert going_on.changed_ends(now, before) == [("epochs", None, 2)]
    assert not going_on.fixed_changes(before, now)


@pytest.mark.parametrize(
    "epoch_steps, total, warmup, period",
    [
        (500, 5000, 200, 0),
        (15, 6000, 200, 240),
        (15, 150, 15, 0),
        (10, 7, 0, 0),
        (40, 1020, 102, 80),
    ],
)
def test_warm_up_and_evaluations_scale_with_the_run(epoch_steps, total, warmup, period):
    settled = settle(Config(), epoch_steps, total)
    assert (settled.warmup_steps, settled.monitor_steps) == (warmup, period)
    assert math.ceil(total / (period or epoch_steps)) <= 25
    given = Config(warmup_steps=0, monitor_steps=3)
    assert settle(given, epoch_steps, total) == given


def test_a_run_keeps_what_its_start_has_settled():
    before, now = Config(warmup_steps=7, monitor_steps=0), Config()
    assert going_on.as_settled(before, now) == before
    given = Config(warmup_steps=1, monitor_steps=2)
    assert going_on.as_settled(before, given) == given


@pytest.mark.parametrize(
    "settings, match",
    [
        ({"warmup_steps": 101}, r"--warmup_steps=101\b.*\b100 steps.*--learning_rate=0.0005"),
        ({"decay": "exponential", "decay_rate": 0.9}, r"--decay_rate=0.9\b.*\bstep 66 of 100\b"),
        ({"early_stopping": 10, "decay": "constant"}, r"--early_stopping=10\b.*\b10 evaluations"),
        ({"early_stopping": 3}, r"--early_stopping=3\b.*--decay=cosine.*\bstep 100\b"),
        ({"monitor_steps": 101}, r"--monitor_steps=101\b.*\b100 steps"),
        ({"snapshots": "101", "minutes": 2.0}, r"--snapshots=101\b.*\b100 steps.*--minutes=2\b"),
    ],
)
def test_what_is_out_of_reach_is_said(settings, match):
    (sentence,) = out_of_reach(settle(Config(**settings, learning_rate=5e-4), 10, 100), 10, 100)
    assert re.search(match, sentence)


def test_what_is_within_reach_is_not():
    decay = {"decay": "exponential", "decay_rate": 0.99, "early_stopping": 9}
    assert not out_of_reach(settle(Config(**decay, warmup_steps=100), 10, 100), 10, 100)
    assert not out_of_reach(settle(Config(), 10, 100), 10, 100)


def test_a_batch_larger_than_the_data_is_reduced_with_a_word(caplog):
    splits = synthetic_splits(70)
    assert check(resolve(Config(batch_size=70)), splits, OneDevice()).batch_size == 70
    assert not caplog.text
    assert check(resolve(Config(batch_size=72)), splits, OneDevice(4)).batch_size == 68
    assert "--batch_size=72" in caplog.text and "70 training images" in caplog.text
    with pytest.raises(UserError, match="--batch_size=72.* 5 devices"):
        check(resolve(Config(batch_size=72)), splits, OneDevice(5))
    with pytest.raises(UserError, match="70 training images .* 71 devices"):
        check(resolve(Config(batch_size=142)), splits, OneDevice(71))


def test_work_counts_every_update():
    config = resolve(Config(**BURSTS, burst_every=5))
    # bursts before steps 0, 1 and 5, 10, ... add ten updates each
    assert [work(config, n) for n in (0, 1, 2, 5, 6, 12)] == [0, 14, 28, 40, 54, 88]
    for steps in (0, 1, 5, 6, 100):
        assert steps_within(config, work(config, steps)) == steps
        assert steps_within(config, work(config, steps + 1) - 1) == steps


def test_steps_fill_the_minutes():
    config = resolve(Config(epochs=1, minutes=1.0))
    rate = minutes.Rate(steps=5, seconds=2.0, updates=5)
    assert minutes.fitting(config, 0, 60.0, rate) == (60 - 2) / 0.4
    assert minutes.fitting(config, 100, 20.0, rate) == 100 + (20 - 2) / 0.4
    assert minutes.fitting(config, 100, 1.0, rate) == 101  # at least one more


def test_minutes_are_kept_with_a_run(tmp_path):
    run, config = Run.create(tmp_path / "run"), resolve(Config(minutes=1.0))
    assert minutes.kept(run, config, 10) is None
    assert minutes.seconds_left(run, config, 0, 7.0) == 60.0
    assert minutes.seconds_left(run, config, 10, 7.0) == 53.0  # by the clock, as before
    minutes.keep(run, config, 150, minutes.Rate(5, 2.0, 5))
    assert minutes.kept(run, config, 10) == 150
    assert minutes.kept(run, config, 0) is None  # killed before its first checkpoint
    more = dataclasses.replace(config, minutes=2.0)
    assert minutes.kept(run, more, 10) is None
    assert minutes.seconds_left(run, more, 10, 7.0) == pytest.approx(120 - 10 * 0.4)


@pytest.mark.parametrize("call", [1, 3])  # steps in each
@pytest.mark.parametrize("fast, timed", [(False, 5), (True, 100)])
def test_a_trial_ends_by_time_or_number(monkeypatch, fast, timed, call):
    now = iter([k * (0.001 if fast else 10.0) * call for k in range(1000)])
    monkeypatch.setattr(minutes, "monotonic", lambda: next(now))
    trial = minutes.Trial(60.0, 10**6, float)
    model = type("Model", (), {"stop_training": False, "step": 0})()
    trial.set_model(model)
    while not model.stop_training:
        model.step += call
        trial.on_train_batch_end(0)
    rate = trial.rate(resolve(Config()))
    assert rate.steps == rate.updates == -(-timed // call) * call
    assert rate.update == pytest.approx(0.001 if fast else 10.0)

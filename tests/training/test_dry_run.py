"""Dry runs: a run's own first steps are timed, and nothing of the run is written."""

import dataclasses
import json

import pytest

from tests.helpers import command_here, synthetic_splits
from tfflowgan.cli import train
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training import dry_run
from tfflowgan.training.resolve import resolve

TIMES = {"step": 2.0, "evaluation": 10.0, "parameters": {"generator": 1000, "critic": None}}
BURSTS = {"critic_steps": 3, "burst_steps": 13, "burst_first": 2, "burst_every": 0}


def _estimate(**settings):
    config = resolve(Config(**{"batch_size": 20, "epochs": 3} | settings))
    return dry_run.estimate(config, synthetic_splits(70), TIMES, 500)


@pytest.mark.parametrize(
    ("settings", "training"),
    [
        ({}, 9 * 2 + 3 * 10),  # 3 steps per epoch
        ({"monitor_steps": 2}, 9 * 2 + 5 * 10),
        ({"minutes": 0.1}, 3 * 2 + 10),  # of steps alone
        ({"epochs": None, "steps": 4}, 4 * 2 + 2 * 10),
        ({"minutes": 5.0}, 9 * 2 + 3 * 10),
        # two bursts of 10 more updates, each a quarter of a step: 3 critic updates and the
        # generator's
        ({"objective": "wgan_gp"} | BURSTS, 9 * 2 + 3 * 10 + 20 * 2 / 4),
        # and as many of the independent critic, whose usual five are in the step too
        (
            {"objective": "wgan_gp", "independent_critic": True} | BURSTS,
            9 * 2 + 3 * 10 + 40 * 2 / 9,
        ),
    ],
)
def test_the_time_is_that_of_steps_evaluations_and_bursts(settings, training):
    found = _estimate(**settings)
    assert found["seconds"]["total"] == pytest.approx(found["seconds"]["start"] + training)


def test_snapshots_take_room():
    assert _estimate()["bytes"] == 1000
    assert _estimate(snapshots="1,5")["bytes"] == 1000 + 2 * 1000 * 4


@pytest.mark.slow
def test_a_run_is_timed_and_leaves_no_trace(tmp_path):
    flags = "--dataset=mnist --data_source=embedded --limit=60 --batch_size=50 --epochs=2"
    flags += " --flow=nice --width=4 --layers=1"
    adversary = "--objective=wgan_gp --critic=flowgan_mnist --critic_width=4 --snapshots=2"
    output = ["--dry_run", "--dry_run_output=found.json"]
    done = command_here("train", *flags.split(), *adversary.split(), *output, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["found.json"]
    found = json.loads((tmp_path / "found.json").read_text())
    # one step per epoch: shorter than what is timed
    assert (found["steps"], found["steps_per_epoch"], found["evaluations"]) == (2, 1, 2)
    assert found["settings"]["width"] == 4 and found["data"]["train"] == 60
    assert found["parameters"]["generator"] > found["parameters"]["critic"] > 100
    assert found["seconds"]["step"] > 0 and found["bytes"] > 10_000
    assert found["seconds"]["epoch"] == found["seconds"]["step"]
    assert 1e8 < found["memory"]["process"] < 1e11 and found["memory"]["devices"] == {}
    for words in ("60 train, 60 validation, 60 test images of 28 x 28 x 1", "critic flowgan_mnist"):
        assert words in done.stdout
    assert "Epoch" not in done.stdout


def test_an_output_without_a_dry_run_is_refused():
    names = [field.name for field in dataclasses.fields(Config)]
    values = dict.fromkeys([*names, "run", "output", "config"]) | {"dry_run": False}
    with pytest.raises(UserError, match="--dry_run_output=a.json .* without --dry_run"):
        train._train(values | {"dry_run_output": "a.json"})


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_timed(tmp_path):
    with pytest.raises(UserError, match="--dry_run_output=.*/no/a.json"):
        train._dry_run(None, str(tmp_path / "no" / "a.json"))
    with pytest.raises(UserError, match=f"--dry_run_output={tmp_path} cannot be written"):
        dry_run.write({}, tmp_path)


@pytest.mark.slow
def test_a_run_that_could_not_start_is_refused():
    config = Config(data_source="embedded", limit=9, snapshots="11", epochs=10)
    with pytest.raises(UserError, match="--snapshots=11 .* step 11"):
        dry_run.dry_run(resolve(config))


def test_one_of_several_workers_is_refused(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(UserError, match="TF_CONFIG"):
        dry_run.dry_run(resolve(Config()))

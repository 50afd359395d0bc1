"""Runs that have ended and go on: more epochs, minutes or patience; other settings are refused."""

import dataclasses
import json
import logging
import shlex
import shutil

import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import command_here
from tests.training.test_train import TINY, _flags, _without_times
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.load import load_generator
from tfflowgan.runs.run import Run
from tfflowgan.training import continuation, fit
from tfflowgan.training.callbacks import MetricsLogger
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

CONSTANT = TINY | {"decay": "constant", "deterministic": True}
HYBRID = TINY | {
    "deterministic": True,
    "objective": "hybrid",
    "adversary": "wgan_gp",
    "nll_weight": 0.1,
    "critic_width": 4,
    "critic_steps": 2,
    "burst_steps": 4,
    "burst_first": 3,
    "burst_every": 7,
    "independent_critic": True,
    "decay": "exponential",
    "decay_rate": 0.99,
    "warmup_steps": 8,
    "batch_norm": True,
    "limit": 40,
    "batch_size": 8,  # an independent critic is 64 channels wide
}


def _train(folder, settings, exports=False, **changes):
    output = folder / "model" if exports else None
    return train(resolve(Config(**settings | changes)), folder / "run", output)


def _files(run):
    return {p.name: p.read_bytes() for p in run.path.iterdir() if p.is_file() and p.name != "lock"}


def _assert_equal(one, other, names):
    assert _without_times(one.metrics()) == _without_times(other.metrics())
    seconds = "progress/4/"  # the last of the counters by name
    for name in names:
        for key, _ in tf.train.list_variables(str(one.checkpoints / name)):
            if key.endswith("VARIABLE_VALUE") and not key.startswith(seconds):
                a, b = (
                    tf.train.load_variable(str(r.checkpoints / name), key) for r in (one, other)
                )
                np.testing.assert_array_equal(a, b, err_msg=f"{name}: {key}")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a finished run of two epochs at a constant rate, and its model."""
    folder = tmp_path_factory.mktemp("finished")
    _train(folder, CONSTANT, True)
    return folder


@pytest.fixture
def ended(finished, tmp_path):
    """A copy of it."""
    shutil.copytree(finished, tmp_path / "ended")
    return tmp_path / "ended"


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("settings, half", [(CONSTANT, 2), (HYBRID, 1)], ids=["mle", "hybrid"])
def test_a_continued_run_equals_one_in_one_go(tmp_path, settings, half):
    exports = settings is CONSTANT  # an export is made from the weights, whatever trained them
    whole = _train(tmp_path / "whole", settings, epochs=2 * half)
    first = _train(tmp_path / "parts", settings, exports, epochs=half)
    end = _train(tmp_path / "parts", settings, exports, epochs=2 * half)
    one, other = (Run.open(tmp_path / name / "run") for name in ("whole", "parts"))
    _assert_equal(one, other, ("best", "last", f"step-{10 * half:09d}"))
    different = ("seconds", "model")
    assert {k: v for k, v in end.items() if k not in different} == {
        k: v for k, v in whole.items() if k not in different
    }
    assert other.config() == one.config() and other.finished() == end
    assert json.loads((other.path / f"finished-{5 * half:09d}.json").read_text()) == first
    if exports:
        assert end["model"] == str(tmp_path / "parts" / "model" / "2")
        exported, best = tfflowgan.load(end["model"]), tfflowgan.load(other.path)
        for a, b in zip(exported.get_weights(), best.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_a_killed_continuation_continues(ended, tmp_path, monkeypatch):
    def killed(self, epoch, logs=None):
        if epoch == 3:  # the third epoch is complete
            raise KeyboardInterrupt
        logged(self, epoch, logs)

    logged = MetricsLogger.on_epoch_end
    with monkeypatch.context() as patch:
        patch.setattr(MetricsLogger, "on_epoch_end", killed)
        with pytest.raises(KeyboardInterrupt):
            _train(ended, CONSTANT, epochs=4)
    run = Run.open(ended / "run")
    assert run.finished() is None and run.config().epochs == 4
    assert _train(ended, CONSTANT, epochs=4)["reason"] == "all 4 epochs"
    _train(tmp_path / "whole", CONSTANT, epochs=4)
    _assert_equal(Run.open(tmp_path / "whole" / "run"), run, ("best", "last", "step-000000020"))


@pytest.mark.slow
def test_a_continuation_that_never_begins_changes_nothing(ended, monkeypatch):
    before = _files(Run.open(ended / "run"))
    with monkeypatch.context() as patch:
        patch.setattr(fit.Session, "take", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _train(ended, CONSTANT, epochs=3)
    assert _files(Run.open(ended / "run")) == before
    assert _train(ended, CONSTANT)["reason"] == "all 2 epochs"


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes, message",
    [
        ({"epochs": 1}, r"--epochs=1\b.*\b2 that --run="),
        ({"minutes": 60.0}, r"--run=.*all 2 epochs.*--minutes=60.0 instead of None.*\b2 --epochs"),
        ({"early_stopping": 3}, r"--early_stopping=3 instead of None.*\b2 --epochs"),
        ({"epochs": 9, "minutes": 1e-9}, r"--minutes=1e-09 instead of None.*--minutes that"),
    ],
)
def test_an_end_that_lies_behind_is_refused(finished, changes, message):
    before = _files(Run.open(finished / "run"))
    with pytest.raises(UserError, match=message):
        _train(finished, CONSTANT, **changes)
    assert _files(Run.open(finished / "run")) == before


@pytest.mark.slow
def test_changed_settings_are_refused_with_a_command_that_trains_on(finished, tmp_path):
    with pytest.raises(UserError) as caught:
        _train(finished, CONSTANT, learning_rate=1e-4, batch_size=50, epochs=3)
    text = str(caught.value)
    assert "--learning_rate was 0.001, now 0.0001" in text and "--batch_size was 40, now 50" in text
    arguments = shlex.split(text[text.index("bin/train") :])
    assert arguments[1:3] == [f"--run={finished}/run_2", f"--init_from={finished}/run"]
    done = command_here(
        "train", *arguments[1:], f"--run={tmp_path}/run", f"--output={tmp_path}/model"
    )
    assert done.returncode == 0, done.stderr
    run = Run.open(tmp_path / "run")
    config = run.config()
    assert (config.learning_rate, config.batch_size, config.epochs) == (1e-4, 50, 1)
    assert dataclasses.replace(
        config, learning_rate=1e-3, batch_size=40, epochs=2, critic_learning_rate=None
    ) == dataclasses.replace(
        Run.open(finished / "run").config(), init_from=config.init_from, critic_learning_rate=None
    )
    assert run.init_from()["run"] == "run"


@pytest.mark.slow
@pytest.mark.parametrize("damage", [True, False])
def test_a_run_without_its_training_state_is_refused(ended, damage):
    for path in (ended / "run" / "checkpoints").glob("step-*"):
        path.write_bytes(b"") if damage else path.unlink()
    before = _files(Run.open(ended / "run"))
    with pytest.raises(
        UserError, match=r"--run=.*step-N.*bin/train --run=\S*run_2 --init_from=\S*run --epochs=2"
    ):
        _train(ended, CONSTANT, epochs=4)
    assert _files(Run.open(ended / "run")) == before


@pytest.mark.slow
def test_more_epochs_of_a_cosine_raise_the_rate_and_say_so(tmp_path, caplog):
    _train(tmp_path, TINY)
    caplog.clear()
    with caplog.at_level(logging.INFO, "tfflowgan"):
        _train(tmp_path, TINY, epochs=4)
    assert "--epochs was 2, now 4" in caplog.text and "from 0 to 0.0005" in caplog.text
    rates = [row["learning_rate"] for row in Run.open(tmp_path / "run").metrics()]
    cosine = [1e-3 * (1 + np.cos(np.pi * e / n)) / 2 for e, n in ((1, 2), (2, 2), (3, 4), (4, 4))]
    assert rates == pytest.approx(cosine, abs=1e-9)


@pytest.mark.slow
def test_a_run_that_stopped_early_goes_on_with_more_patience(tmp_path):
    settings = TINY | {"epochs": 30, "learning_rate": 0.5, "early_stopping": 3, "clip_norm": 1.0}
    settings |= {"monitor_steps": 0}
    first = _train(tmp_path, settings)
    with pytest.raises(
        UserError, match=r"3 epochs without.*--epochs=40.*--early_stopping than 3\."
    ):
        _train(tmp_path, settings, epochs=40)
    end = _train(tmp_path, settings, early_stopping=4)
    rows = Run.open(tmp_path / "run").metrics()
    best = min(rows, key=lambda row: row["validation_nll"])
    assert end["best_epoch"] == best["epoch"] and len(rows) > first["epoch"]
    if end["best_epoch"] == first["best_epoch"]:  # the best weights so far stay in the comparison
        assert end["epoch"] == first["epoch"] + 1


@pytest.mark.slow
def test_minutes_are_the_total_and_go_on_within_a_period(tmp_path):
    settings = CONSTANT | {"epochs": 100_000, "minutes": 0.02, "monitor_steps": 1000}
    first = _train(tmp_path, settings)
    assert first["step"] % 1000, "the run must end within a period"
    end = _train(tmp_path, settings, minutes=0.03)
    assert end["reason"] == "0.03 minutes" and end["step"] > first["step"]
    assert end["step"] == json.loads((tmp_path / "run" / "minutes.json").read_text())["steps"]
    steps = [row["step"] for row in Run.open(tmp_path / "run").metrics()]
    assert steps == sorted(set(steps)) and {first["step"], end["step"]} <= set(steps)


@pytest.mark.slow
def test_a_stopped_run_takes_another_end_too(ended):
    run = Run.open(ended / "run")
    (run.path / "finished.json").unlink()
    assert _train(ended, CONSTANT, epochs=3)["reason"] == "all 3 epochs"
    assert run.config().epochs == 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["model", "model/1", "run/checkpoints/last", "run"])
def test_a_command_starts_from_each_source_and_then_needs_it_no_more(ended, tmp_path, kind):
    flags = _flags(
        {k: v for k, v in TINY.items() if k not in ("flow", "width", "layers", "couplings")}
        | {"epochs": 1, "snapshots": "0", "run": tmp_path / "new", "output": tmp_path / "out"}
    )
    start = f"--init_from={ended}/{kind}"
    done = command_here("train", *flags, start)
    assert done.returncode == 0, done.stderr
    run = Run.open(tmp_path / "new")
    assert (run.config().flow, run.config().width, run.config().layers) == ("nice", 16, 1)
    source = tfflowgan.load(ended / ("model" if "model" in kind else "run"), None)
    if "last" in kind:
        source = load_generator(Run.open(ended / "run"), "last")
    for a, b in zip(
        source.get_weights(), load_generator(run, "snapshot-0").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)
    if kind not in ("model", "run"):  # one of each sort
        return
    shutil.rmtree(ended)
    done = command_here("train", *flags, "--epochs=2", start)
    assert done.returncode == 0, done.stderr
    assert run.finished()["reason"] == "all 2 epochs"


@pytest.mark.slow
def test_a_run_called_by_its_name_keeps_its_settings(ended):
    here = [f"--run={ended}/run", f"--output={ended}/model"]
    assert "all 2 epochs" in command_here("train", *here).stdout
    done = command_here("train", *here, "--learning_rate=0.5")
    assert done.returncode == 1
    assert "(--learning_rate was 0.001, now 0.5)" in done.stderr
    assert f"bin/train --run={ended}/run_2 --init_from={ended}/run" in done.stderr
    done = command_here("train", *here, "--flow=nice", "--epochs=3")
    assert done.returncode == 1 and "--width was 16, now " in done.stderr
    done = command_here("train", *here, "--epochs=3")
    assert done.returncode == 0, done.stderr
    assert "all 3 epochs" in done.stdout and (ended / "model" / "2").is_dir()


@pytest.mark.parametrize(
    "decay, said",
    [
        ("constant", "at 0.001 (--decay=constant)"),
        ("exponential", "at 0.000904 (--decay=exponential)"),
        ("cosine", "at step 20, so the learning rate goes from 0 to 0.0005"),
    ],
)
def test_what_each_decay_does_is_said(decay, said):
    rate = 0.99 if decay == "exponential" else None
    before = Config(epochs=2, learning_rate=1e-3, decay=decay, decay_rate=rate, warmup_steps=0)
    now = dataclasses.replace(before, epochs=4)
    text = continuation.describe(before, now, 10, 5)
    assert "--epochs was 2, now 4" in text and said in text
    assert continuation.describe(now, now, 10, 5) == ""

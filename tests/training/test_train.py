"""Runs: from beginning to end, stopped, continued, refused."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.plugins.hparams import api_pb2

from tests.helpers import ROOT, command, command_here, synthetic_splits
from tests.training.hparams_page import hparams_page
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.load import load_generator
from tfflowgan.runs.run import Run
from tfflowgan.training.callbacks import Checkpointing
from tfflowgan.training.resolve import resolve
from tfflowgan.training.stopping import Progress
from tfflowgan.training.train import train

pytestmark = pytest.mark.slow

TINY = {
    "data_source": "embedded",
    "flow": "nice",
    "width": 16,
    "layers": 1,
    "couplings": 2,
    "limit": 200,
    "batch_size": 40,
    "epochs": 2,
    "learning_rate": 1e-3,
    "warmup_steps": 0,
}


def _flags(settings):
    return [
        f"--{'' if v is not False else 'no'}{k}" + ("" if isinstance(v, bool) else f"={v}")
        for k, v in settings.items()
    ]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A tiny finished run: (run, its end, where it was exported)."""
    folder = tmp_path_factory.mktemp("finished")
    end = train(resolve(Config(**TINY)), folder / "run", folder / "model")
    return Run.open(folder / "run"), end, folder / "model"


def test_a_run_leaves_all_that_it_promises(finished):
    run, end, model = finished
    assert json.loads((run.path / "config.json").read_text())["width"] == 16
    assert "embedded-5k" in run.data()["source"] and "first 200" in run.data()["source"]
    rows = run.metrics()
    assert [row["epoch"] for row in rows] == [1, 2] and [row["step"] for row in rows] == [5, 10]
    assert rows[1]["validation_nll"] < rows[0]["validation_nll"]
    assert end["reason"] == "all 2 epochs" and end["best_epoch"] == 2
    assert end["best_validation_nll"] == rows[1]["validation_nll"]
    assert (
        (run.path / "curves.png").exists()
        and (run.samples / "step-000000010.png").exists()
        and list(run.logs.glob("events*"))
    )
    assert (model / "1" / "saved_model.pb").exists() and run.finished() == end


def test_tensorboard_shows_settings_and_metrics(finished):
    run, end, _ = finished
    names = ("validation_nll", "best/validation_nll", "loss")
    experiment, rows = hparams_page(run.path.parent, names)
    assert {info.name for info in experiment.hparam_infos} >= {"learning_rate", "flow", "seed"}
    assert {info.name.tag for info in experiment.metric_infos} >= set(names)
    settings, metrics, status = rows["run/logs"]
    assert settings["learning_rate"] == 1e-3 and settings["flow"] == "nice"
    assert "levels" not in settings  # a setting that nice does not have
    assert metrics["validation_nll"] == pytest.approx(run.metrics()[-1]["validation_nll"])
    assert metrics["best/validation_nll"] == pytest.approx(end["best_validation_nll"])
    assert status == api_pb2.STATUS_SUCCESS


def test_the_best_weights_have_the_recorded_validation_nll(finished):
    from tfflowgan.metrics.log_probs import log_probs
    from tfflowgan.runs.load import load_splits

    run, end, _ = finished
    nll = -log_probs(load_generator(run), load_splits(run.config()).validation).mean()
    assert nll == pytest.approx(end["best_validation_nll"], rel=1e-5)


def test_a_finished_run_is_left_as_it_is(finished):
    run, end, model = finished
    before = sorted((p, p.stat().st_mtime) for p in run.checkpoints.iterdir())
    assert train(run.config(), run.path, model) == end
    assert sorted((p, p.stat().st_mtime) for p in run.checkpoints.iterdir()) == before


def test_changed_settings_are_refused_and_named(finished):
    run, _, model = finished
    changed = resolve(Config(**TINY | {"width": 17, "seed": 3}))
    with pytest.raises(
        UserError, match=r"--width\b.*\b16\b.*\b17\b.*--seed\b.*\b0\b.*\b3\b.*--run"
    ):
        train(changed, run.path, model)


def test_a_finished_run_refuses_other_data_and_exports_to_another_output(
    finished, tmp_path, monkeypatch
):
    run, end, model = finished
    other = resolve(Config(**TINY | {"data_source": "auto", "data_dir": str(tmp_path)}))
    with monkeypatch.context() as patch:
        patch.setattr(
            "tfflowgan.training.train.load_splits",
            lambda config, data: synthetic_splits(200, (28, 28, 1)),
        )
        with pytest.raises(UserError, match="fingerprint.*--run"):
            train(other, run.path, model)
    again = train(run.config(), run.path, tmp_path / "elsewhere")
    assert again["model"] == str(tmp_path / "elsewhere" / "1") and again["step"] == end["step"]
    run.write("finished.json", json.dumps(end))


def test_a_run_that_never_began_takes_other_settings(tmp_path):
    with pytest.raises(UserError, match="--logit_alpha=0.7"):
        train(resolve(Config(**TINY | {"logit_alpha": 0.7})), tmp_path / "run", tmp_path / "model")
    end = train(resolve(Config(**TINY | {"epochs": 1})), tmp_path / "run", None)
    assert end["epoch"] == 1


def test_a_run_begun_on_the_excerpt_goes_on_with_it(finished):
    run, end, model = finished
    assert (
        run.config().data_source == "embedded"
        and "embedded-5k" in end["data"]
        and "embedded-5k" in run.metrics()[0]["data"]
    )
    assert (
        run.check_config(resolve(Config(**TINY | {"data_source": "auto"}))).data_source
        == "embedded"
    )


def test_an_output_that_cannot_be_written_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--output=.*file/model.*Not a directory"):
        train(resolve(Config(**TINY)), tmp_path / "run", tmp_path / "file" / "model")
    assert not Run(tmp_path / "run").metrics()


def test_other_images_are_refused(finished, tmp_path):
    run, _, model = finished
    copy = tmp_path / "run"
    shutil.copytree(run.path, copy)
    (copy / "finished.json").unlink()
    data = run.data() | {"fingerprint": "0" * 16}
    (copy / "data.json").write_text(json.dumps(data))
    with pytest.raises(UserError, match="0{16}.*--run"):
        train(run.config(), copy, tmp_path / "model")


def test_a_refusal_leaves_no_folder(tmp_path):
    with pytest.raises(UserError, match="--snapshots=11"):
        train(resolve(Config(**TINY | {"snapshots": "11"})), tmp_path / "run", tmp_path / "model")
    assert not any(tmp_path.iterdir())


def test_a_refusal_leaves_what_it_found(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine").write_text("")
    with pytest.raises(UserError, match="--snapshots=11"):
        train(resolve(Config(**TINY | {"snapshots": "11"})), tmp_path / "run", tmp_path / "model")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == ["run", "run/mine"]


def test_a_second_process_is_kept_out(finished, tmp_path):
    run, _, model = finished
    with run.lock(), pytest.raises(UserError, match=f"{run.path}.*--run"):
        train(run.config(), run.path, model)


def test_early_stopping_waits_for_the_given_epochs(tmp_path):
    # with a huge learning rate after a good start the validation NLL cannot improve for long
    settings = TINY | {"epochs": 30, "learning_rate": 0.5, "early_stopping": 3, "clip_norm": 1.0}
    settings |= {"monitor_steps": 0}
    end = train(resolve(Config(**settings)), tmp_path / "run", None)
    rows = Run.open(tmp_path / "run").metrics()
    best = min(rows, key=lambda row: row["validation_nll"])
    assert end["reason"] == "3 epochs without a better validation NLL"
    assert end["best_epoch"] == best["epoch"] == rows[-1]["epoch"] - 3


def test_minutes_end_a_run_within_an_epoch(tmp_path):
    settings = TINY | {"epochs": 100_000, "minutes": 0.03, "monitor_steps": 1000}
    end = train(resolve(Config(**settings)), tmp_path / "run", None)
    assert end["reason"] == "0.03 minutes" and end["epoch"] < 100_000


@pytest.mark.parametrize("flow", ["nice", "nvp"])
def test_a_run_that_is_not_finite_stops_and_names_the_layer(tmp_path, flow):
    part = {"width": 4, "blocks": 1, "layers": None, "couplings": None} if flow == "nvp" else {}
    settings = {
        k: v
        for k, v in (TINY | {"flow": flow, "learning_rate": 1e30} | part).items()
        if v is not None
    }
    with pytest.raises(UserError, match=r"step \d.*not finite.*(coupl|level_).*--learning_rate"):
        train(resolve(Config(**settings)), tmp_path / "run", tmp_path / "model")
    assert not list((tmp_path / "model").glob("[0-9]*"))


def test_no_checkpoint_falls_on_the_last_step_before_an_evaluation():
    saved = []
    callback = Checkpointing(
        SimpleNamespace(save=saved.append), minutes=0.0, period=5, progress=Progress()
    )
    callback.on_train_begin()
    for step in range(1, 11):
        callback.set_model(SimpleNamespace(step=step, stop_training=False))
        callback.on_train_batch_end(0)
    assert saved == [1, 2, 3, 4, 6, 7, 8, 9]
    callback.on_epoch_end(1)
    assert saved[-1] == 10


@pytest.mark.long
class TestKilled:
    """Real processes under SIGKILL."""

    SETTINGS = TINY | {
        "limit": 800,
        "epochs": 4,
        "deterministic": True,
        "checkpoint_minutes": 0.002,
    }
    CASES = {
        "mle": {
            "flow": "nvp",
            "levels": 1,
            "blocks": 1,
            "width": 4,
            "layers": None,
            "couplings": None,
        },
        "hybrid": {
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
            "decay_rate": 0.999,
            "epochs": 1,
            "limit": 200,
            "batch_size": 8,
            "batch_norm": True,
            "monitor_steps": 10,
            "snapshots": "0:24:12",
        },
    }

    def _flags(self, folder, case):
        settings = self.SETTINGS | self.CASES[case]
        settings |= {"run": folder / "run", "output": folder / "model"}
        return _flags({k: v for k, v in settings.items() if v is not None})

    def _start(self, folder, case):
        arguments = [sys.executable, str(ROOT / "bin" / "train"), *self._flags(folder, case)]
        with (folder / "log").open("a") as log:
            return subprocess.Popen(arguments, stdout=log, stderr=log)

    def _to_the_end(self, folder, case):
        """What it said; nvp is not trained in this process, where cores share no batches."""
        start = command if case == "mle" else command_here
        done = start("train", *self._flags(folder, case))
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stderr

    # within the first period and in the second; the hybrid's state includes that of the other
    @pytest.mark.parametrize(
        "case, waits, period, last", [("mle", (22,), 20, 80), ("hybrid", (2, 13), 10, 25)]
    )
    def test_a_killed_run_continues_to_the_very_same_end(self, tmp_path, case, waits, period, last):
        whole, killed = tmp_path / "whole", tmp_path / "killed"
        whole.mkdir(), killed.mkdir()
        self._to_the_end(whole, case)
        steps = []
        for wait_for in waits:
            process = self._start(killed, case)
            steps.append(self._kill_after(process, killed, wait_for))
        assert "Continuing" in self._to_the_end(killed, case)
        assert any(step % period for step in steps), f"killed only at evaluations: {steps}"
        one, other = Run.open(whole / "run"), Run.open(killed / "run")
        assert _without_times(one.metrics()) == _without_times(other.metrics())
        names = [
            p.stem
            for p in one.checkpoints.glob("*.index")
            if p.stem in ("best", f"step-{last:09d}") or "snap" in p.stem
        ]
        assert len(names) == (2 if case == "mle" else 5)
        for name in names:
            for key, _ in tf.train.list_variables(str(one.checkpoints / name)):
                if key.endswith("VARIABLE_VALUE") and "progress/" not in key:
                    a, b = (
                        tf.train.load_variable(str(r.checkpoints / name), key) for r in (one, other)
                    )
                    np.testing.assert_array_equal(a, b, err_msg=f"{name}: {key}")
        for picture in one.samples.iterdir():
            assert picture.read_bytes() == (other.samples / picture.name).read_bytes()

    def _kill_after(self, process, folder, step):
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and process.poll() is None:
            done = [int(p.stem[5:]) for p in (folder / "run" / "checkpoints").glob("step-*.index")]
            if done and max(done) >= step:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return max(done)
            time.sleep(0.002)
        raise AssertionError((folder / "log").read_text()[-2000:])


def _without_times(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_a_full_disk_is_one_sentence_and_keeps_the_last_good_checkpoint(tmp_path):
    settings = TINY | {"width": 100, "epochs": 1}
    train(resolve(Config(**settings)), tmp_path / "run", None)
    (tmp_path / "run" / "finished.json").unlink()
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    (tmp_path / "run" / "config.json").write_text(json.dumps(config | {"epochs": 3}))

    def limit():  # as a disk that has 100 KB left
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    files = {"run": tmp_path / "run", "output": tmp_path / "model"}
    more = command("train", *_flags(settings | files | {"epochs": 3}), preexec_fn=limit)
    assert more.returncode == 1
    assert f"{tmp_path}/run" in more.stderr and "step-000000005" in more.stderr
    assert "Traceback" not in more.stderr
    assert load_generator(Run.open(tmp_path / "run")) is not None


def test_a_run_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--run=.*file/run.*Not a directory"):
        train(resolve(Config(**TINY)), tmp_path / "file" / "run", tmp_path / "model")


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match=f"--run={tmp_path}.*config.json"):
        Run.open(tmp_path)

"""Several workers: real processes on loopback."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT, command_here
from tfflowgan.errors import UserError
from tfflowgan.runs.run import Run
from tfflowgan.training.strategy import build_strategy, chief_broadcast, is_chief

FLAGS = (
    "--data_source=embedded --flow=nice --width=16 --layers=1 --couplings=2 --limit=200 "
    "--batch_size=40 --objective=wgan --critic_width=4 "
    "--critic_steps=2 --deterministic --warmup_steps=0 --epochs=4 --checkpoint_minutes=0.001 "
    "--dtype=float64"
).split()


def _ports():
    with socket.socket() as one, socket.socket() as other:
        for s in (one, other):
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in (one, other)]


def _start(folder, ports, index, *more):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    environment = os.environ | {
        "TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
    }
    arguments = [
        sys.executable,
        str(ROOT / "bin" / "train"),
        *FLAGS,
        f"--run={folder}/run",
        f"--output={folder}/model",
        *more,
    ]
    with (folder / f"log{index}").open("a") as log:
        return subprocess.Popen(arguments, env=environment, stdout=log, stderr=log)


def _wait_for_step(folder, step, processes):
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and all(p.poll() is None for p in processes):
        done = [int(p.stem[5:]) for p in (folder / "run" / "checkpoints").glob("step-*.index")]
        if done and max(done) >= step:
            return
        time.sleep(0.02)
    raise AssertionError(
        (folder / "log0").read_text()[-2000:] + (folder / "log1").read_text()[-2000:]
    )


@pytest.mark.long
@pytest.mark.slow
def test_two_workers_lose_one_and_continue_to_the_end_of_one_machine(tmp_path):
    single = command_here(
        "train", *FLAGS, f"--run={tmp_path}/single", f"--output={tmp_path}/single_model"
    )
    assert single.returncode == 0, single.stderr

    ports = _ports()
    workers = [_start(tmp_path, ports, i) for i in range(2)]
    _wait_for_step(tmp_path, 7, workers)
    os.kill(workers[1].pid, signal.SIGKILL)
    assert workers[1].wait(240) == -signal.SIGKILL
    assert workers[0].wait(240) == 1
    last = (tmp_path / "log0").read_text().strip().splitlines()[-1]
    assert last.startswith("bin/train: ") and "worker" in last and "step-" in last
    assert "Traceback" not in (tmp_path / "log0").read_text()

    ports = _ports()
    workers = [_start(tmp_path, ports, i) for i in range(2)]
    assert [w.wait(240) for w in workers] == [0, 0], (tmp_path / "log0").read_text()[-2000:]
    said = (tmp_path / "log0").read_text()
    assert "Continuing" in said and "; on 2 workers, each with " in said

    one, two = Run.open(tmp_path / "single"), Run.open(tmp_path / "run")
    assert [row["step"] for row in two.metrics()] == [row["step"] for row in one.metrics()]
    for a, b in zip(one.metrics(), two.metrics(), strict=True):
        for name in a.keys() - {"data", "seconds"}:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-5, atol=1e-8, err_msg=name)
    assert (tmp_path / "model" / "1" / "saved_model.pb").exists() and two.finished()[
        "reason"
    ] == "all 4 epochs"
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "log0",
        "log1",
        "model",
        "run",
        "single",
        "single_model",
    ]
    files = [sorted(p.name for p in (r.path / "samples").iterdir()) for r in (one, two)]
    assert files[0] == files[1]

    ports = _ports()
    workers = [_start(tmp_path, ports, i, "--epochs=5") for i in range(2)]
    assert [w.wait(240) for w in workers] == [0, 0], (tmp_path / "log0").read_text()[-2000:]
    assert two.finished()["reason"] == "all 5 epochs" and two.config().epochs == 5
    assert (two.path / "finished-000000020.json").exists()
    assert (tmp_path / "model" / "2" / "saved_model.pb").exists()


class TestStrategy:
    def test_one_machine_is_mirrored_and_its_own_chief(self, monkeypatch):
        monkeypatch.delenv("TF_CONFIG", raising=False)
        strategy = build_strategy("auto")
        assert type(strategy) is tf.distribute.MirroredStrategy and is_chief(strategy)
        assert chief_broadcast(strategy)(2.5) == 2.5

    def test_auto_with_one_worker_is_mirrored(self, monkeypatch):
        monkeypatch.setenv(
            "TF_CONFIG",
            json.dumps(
                {"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 0}}
            ),
        )
        assert type(build_strategy("auto")) is tf.distribute.MirroredStrategy

    def test_multi_worker_without_tf_config_says_what_it_needs(self, monkeypatch):
        monkeypatch.delenv("TF_CONFIG", raising=False)
        with pytest.raises(UserError, match="--strategy=multi_worker.*TF_CONFIG"):
            build_strategy("multi_worker")

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "[]",
            '{"task": {}}',
            '{"cluster": {"worker": ["a:1", "b:2"]}}',
            '{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 5}}',
            '{"cluster": {"worker": "localhost:2391"}, "task": {"type": "worker", "index": 0}}',
        ],
    )
    def test_a_damaged_tf_config_is_named(self, monkeypatch, text):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(UserError, match="TF_CONFIG.*" + re.escape(repr(text[:20])[:-1])):
            build_strategy("auto")

"""Ctrl-C and SIGTERM: at once before the first step, with a checkpoint after it."""

import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from tests.helpers import ROOT
from tfflowgan.errors import Interrupted
from tfflowgan.runs.run import Run
from tfflowgan.training.interruption import Interruption, StopWhenAsked


def test_a_signal_before_the_first_step_ends_at_once():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted) as caught, Interruption("me").listening():
        assert signal.getsignal(signal.SIGINT) is not before
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 143 and isinstance(caught.value, KeyboardInterrupt)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_within_steps_waits_and_a_second_does_not():
    with Interruption("me").listening() as interruption:
        interruption.begin_steps()
        signal.raise_signal(signal.SIGTERM)
        assert interruption.asked == signal.SIGTERM
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGINT)


def test_outside_the_main_thread_nothing_listens():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def listen():
        with Interruption("me").listening():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("step, at_once", [(7, True), (10, False)])
def test_the_state_is_saved_after_the_step_or_the_evaluation(step, at_once):
    saved, interruption = [], Interruption("me")
    callback = StopWhenAsked(interruption, SimpleNamespace(save=saved.append), 5, float)
    callback.set_model(SimpleNamespace(step=step, stop_training=False))
    callback.on_train_batch_end(0)
    assert interruption.stepping and not saved
    interruption.asked = signal.SIGINT
    with pytest.raises(Interrupted, match=f"step {step}") as caught:
        callback.on_train_batch_end(0)
        assert not at_once
        callback.on_epoch_end(0)  # Checkpointing has saved it
    assert caught.value.code == 130 and saved == ([step] if at_once else [])


def _start(folder, *flags):
    common = ["--data_source=embedded", "--limit=60", "--batch_size=20", f"--run={folder}/run"]
    return subprocess.Popen(
        [sys.executable, str(ROOT / "bin" / "train"), *common, f"--output={folder}/model", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_ctrl_c_ends_a_compilation(tmp_path):
    process = _start(tmp_path, "--flow=nvp", "--levels=3")
    next(line for line in process.stdout if "Compiling" in line)
    time.sleep(2.0)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    text = process.communicate(timeout=120)[0]
    seconds = time.monotonic() - began
    assert process.returncode == 130 and "bin/train: interrupted." in text
    assert "Traceback" not in text and seconds < 5  # 1.7 on a free core


@pytest.mark.slow
def test_sigterm_writes_a_checkpoint_from_which_the_run_goes_on(tmp_path):
    tiny = ["--flow=nice", "--width=4", "--layers=1", "--snapshots=3"]
    process = _start(tmp_path, *tiny, "--steps=100000")
    snapshot = tmp_path / "run" / "checkpoints" / "snapshot-000000003.index"
    while not snapshot.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    text = process.communicate(timeout=120)[0]
    assert process.returncode == 143, text
    assert "same command continues" in text and "Traceback" not in text
    run = Run.open(tmp_path / "run")
    (state,) = run.checkpoints.glob("step-*.index")
    assert f"stopped after step {int(state.stem[5:])}," in text and run.finished() is None

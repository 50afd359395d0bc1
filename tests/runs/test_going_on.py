"""With which settings a run goes on, and the command for those that it does not take."""

import dataclasses
import json
import pathlib
import shlex

from tfflowgan.config import Config
from tfflowgan.runs import going_on
from tfflowgan.runs.run import Run

RUN = pathlib.Path("runs/first")
BEFORE = Config(flow="nice", width=16, epochs=4, learning_rate=1e-3, batch_size=40)
ENDED = {"epoch": 4, "seconds": 90.0}


def _command(finished=None, before=BEFORE, **changes):
    now = dataclasses.replace(before, **changes)
    command = going_on.init_from_command(RUN, before, now, finished)
    return command and shlex.split(command)


def test_another_end_is_no_other_setting():
    now = dataclasses.replace(BEFORE, epochs=8, minutes=2.0, early_stopping=3, strategy="mirrored")
    assert going_on.fixed_changes(BEFORE, now) == []
    assert {name for name, _, _ in going_on.changed_ends(BEFORE, now)} == {
        "epochs",
        "minutes",
        "early_stopping",
    }


def test_a_changed_rate_is_a_flag_over_the_configuration_of_the_run():
    assert _command(learning_rate=1e-4, batch_size=20) == [
        "bin/train",
        "--run=runs/first_2",
        "--init_from=runs/first",
        "--batch_size=20",
        "--learning_rate=0.0001",
        "--config=runs/first/config.json",
    ]


def test_the_new_run_trains_what_is_left():
    assert "--epochs=6" in _command(ENDED, epochs=10, learning_rate=1e-4)
    assert "--minutes=8.5" in _command(ENDED, minutes=10.0, learning_rate=1e-4)
    assert not any("--epochs" in flag for flag in _command(ENDED, learning_rate=1e-4))


def test_what_no_flag_takes_away_is_left_out():
    before = dataclasses.replace(BEFORE, beta1=0.9, beta2=0.999, snapshots="0,500")
    command = _command(before=before, optimizer="rmsprop", beta1=None, beta2=None, rho=0.99)
    assert "--optimizer=rmsprop" in command and "--rho=0.99" in command
    assert "--learning_rate=0.001" in command and "--batch_size=40" in command
    for absent in ("--config", "--beta1", "--snapshots", "--width", "--preset"):
        assert not any(flag.startswith(absent) for flag in command), absent


def test_weights_do_not_start_another_architecture_but_another_precision():
    assert _command(width=17) is None
    assert _command(dataset="cifar10") is None
    assert "--dtype=float64" in _command(dtype="float64")


def test_the_new_name_is_free(tmp_path):
    run = tmp_path / "first"
    (tmp_path / "first_2").mkdir()
    now = dataclasses.replace(BEFORE, seed=1)
    assert f"--run={tmp_path}/first_3 " in going_on.init_from_command(run, BEFORE, now, None)


def test_a_refusal_names_every_setting_with_both_values():
    now = dataclasses.replace(BEFORE, learning_rate=1e-4, batch_size=20)
    text = going_on.refusal(RUN, BEFORE, now, None)
    for part in (
        "--run=runs/first",
        "--learning_rate was 0.001, now 0.0001",
        "--batch_size was 40",
    ):
        assert part in text
    assert "--config=runs/first/config.json" in text and "--init_from" not in text


def test_a_run_that_goes_on_exports_to_where_it_exported_before(tmp_path):
    run = Run(tmp_path / "run")
    assert run.former_output() is None
    run.path.mkdir()
    for step, folder in ((4, "first"), (20, "second")):
        model = tmp_path / folder / "1"
        model.mkdir(parents=True)
        run.write(f"finished-{step:09d}.json", json.dumps({"step": step, "model": str(model)}))
    assert run.former_output() == tmp_path / "second"
    run.write("finished.json", json.dumps({"step": 30, "model": str(tmp_path / "third" / "1")}))
    assert run.former_output() is None  # it is not there any more

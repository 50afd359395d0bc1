"""The examples of sweeps: a loop in the shell, and KerasTuner."""

import csv
import json
import re
import subprocess

import pytest

from tests.helpers import ROOT, command_here, script_here
from tfflowgan.report.folders import find, read_run

SCRIPT = ROOT / "examples" / "sweep.sh"
RECORD = """#!/usr/bin/env bash
printf '%s\\n' "$(basename "$0")" "$@" "" >> "$RECORDED"
"""


@pytest.fixture
def commands(tmp_path):
    """What the script would run, for one weight and one seed: lists of words."""
    (tmp_path / "bin").mkdir()
    for name in ("train", "evaluate", "report"):
        (tmp_path / "bin" / name).write_text(RECORD)
        (tmp_path / "bin" / name).chmod(0o755)
    recorded = tmp_path / "recorded"
    environment = {"PATH": "/usr/bin:/bin", "RECORDED": str(recorded), "SEEDS": "3"}
    environment |= {"FOLDER": str(tmp_path / "sweep"), "WEIGHTS": "0.5"}
    done = subprocess.run(
        [str(SCRIPT)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return [words.split("\n") for words in recorded.read_text().strip("\n").split("\n\n")]


@pytest.mark.slow
def test_the_commands_of_the_script_make_a_report(commands, tmp_path):
    small = {"train": ["--limit=128", "--epochs=1"], "evaluate": ["--limit=100"], "report": []}
    assert [words[0] for words in commands] == ["train", "evaluate"] * 2 + ["report"]
    for words in commands:
        done = command_here(*words, *small[words[0]])
        assert done.returncode == 0, done.stderr
    with (tmp_path / "sweep" / "report" / "runs.csv").open() as file:
        rows = {row["run"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"mle", "weight-0.5-seed-3"}
    assert rows["mle"]["nll_weight"] == "" and rows["weight-0.5-seed-3"]["nll_weight"] == "0.5"
    for row in rows.values():
        assert float(row["mode_score"]) >= 0 and float(row["test_nll_standard_error"]) > 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:(currentThread|getName):DeprecationWarning:keras_tuner")
def test_keras_tuner_searches_with_runs_as_trials(tmp_path):
    pytest.importorskip("keras_tuner", reason="pip install keras-tuner, for this example alone")
    small = ["--trials=2", "--epochs=1", "--limit=100", f"--folder={tmp_path / 'tuned'}"]
    done = script_here(ROOT / "examples" / "sweep_with_keras_tuner.py", *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    runs = [read_run(path) for path in find(str(tmp_path / "tuned" / "trials"))]
    assert len({json.dumps(run["config"]["learning_rate"]) for run in runs}) == 2
    best = min(row["validation_nll"] for run in runs for row in run["rows"])
    (said,) = re.findall(r"Best validation NLL: (\S+) nats", done.stdout)
    assert float(said) == pytest.approx(best, abs=0.06)

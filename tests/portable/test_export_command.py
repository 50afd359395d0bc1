"""bin/export_program of evaluations: of a run's weights and images, and of no others."""

import json
import shutil

import numpy as np
import pytest

from tests.helpers import command_here
from tests.portable.test_training import _portable, elsewhere, pytestmark  # noqa: F401
from tests.training.test_train import TINY
from tfflowgan.config import Config
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.runs.run import Run
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

FLAGS = {
    "log_prob": ["--split=validation", "--seed=3"],
    "sample": [],
    "jacobian": ["--batch_size=98"],
    "ais": ["--annealing_images=2", "--annealing_distributions=2"],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tiny run."""
    folder = tmp_path_factory.mktemp("judged") / "run"
    train(resolve(Config(**TINY | {"epochs": 1})), folder, None)
    return folder


@pytest.mark.parametrize("what", FLAGS)
def test_a_program_is_written_with_its_origin(run, tmp_path, what, elsewhere):  # noqa: F811
    where = [f"--run={run}", f"--output={tmp_path}/program"]
    done = command_here("export_program", f"--what={what}", *FLAGS[what], *where)
    assert done.returncode == 0, done.stderr
    assert "of run, best" in done.stdout.splitlines()[0] and "there    python" in done.stdout
    about = json.loads((tmp_path / "program" / "program.json").read_text())
    judged = RunEvaluator(Run.open(run))
    assert about["kind"] == what and about["weights"] == judged.weights
    scores = what in ("log_prob", "ais")
    assert about.get("data") == (judged.splits.provenance() if scores else None)
    if what == "jacobian":  # of 784 x 784, which is long
        return
    done = _portable(elsewhere, tmp_path / "program", f"--output={tmp_path}/found")
    assert done.returncode == 0, done.stderr
    if what == "sample":
        found = np.load(tmp_path / "found/images.npy")
        np.testing.assert_allclose(found, judged.generator.sample(100, 0), atol=1e-3)
        return
    result = json.loads((tmp_path / "found" / f"{what}.json").read_text())
    assert result["weights"] == judged.weights and result["data"] == about["data"]
    assert result["program"] == about["identity"]


@pytest.mark.parametrize("what", ["log_prob", "ais"])
def test_images_that_are_not_the_runs_are_refused(run, tmp_path, what):
    shutil.copytree(run, tmp_path / "run")
    path = tmp_path / "run" / "data.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"fingerprint": "another"}))
    flags = [f"--run={tmp_path}/run", f"--what={what}", f"--output={tmp_path}/program"]
    done = command_here("export_program", *flags)
    assert done.returncode == 1 and "trained on other images" in done.stderr
    assert not (tmp_path / "program").exists()
    done = command_here("export_program", *flags, f"--data_dir={tmp_path}/nowhere")
    assert done.returncode == 1 and "--data_dir=" in done.stderr

"""A run trained by its program where only JAX and NumPy are, and continued here."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT, command_here
from tests.links import link_packages
from tests.training.test_train import TINY
from tfflowgan import portable
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.run import Run
from tfflowgan.training.program_export import export_program
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any(d.name == "jax" for d in importlib.metadata.distributions()),
        reason='jax is not installed: pip install "tfflowgan[portable]"',
    ),
]

SETTINGS = {k: v for k, v in TINY.items() if k != "epochs"} | {
    "objective": "hybrid",
    "adversary": "wgan_gp",
    "nll_weight": 0.1,
    "critic_width": 4,
    "critic_steps": 1,
    "burst_steps": 2,
    "burst_first": 2,
    "burst_every": 5,
    "dtype": "float64",
    "steps": 12,
    "monitor_steps": 4,
    "steps_per_call": 4,
}
FLAGS = [f"--{name}={value}" for name, value in SETTINGS.items()]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A folder of packages: this one, and JAX with what it requires, as links."""
    folder = tmp_path_factory.mktemp("site-packages")
    (folder / "tfflowgan").symlink_to(ROOT / "tfflowgan")
    link_packages(folder, "jax")
    return folder


def _portable(elsewhere, *arguments, patch=""):
    program = (
        "import sys; sys.path.append(sys.argv.pop(1)); from tfflowgan.portable import __main__;"
        + patch
        + "code = __main__.main(sys.argv[1:]);"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules; sys.exit(code)"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(elsewhere), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with a new run and its program."""
    folder = tmp_path_factory.mktemp("exported")
    where = [f"--run={folder}/run", f"--output={folder}/program", "--part_mb=0.01"]
    done = command_here("export_program", *FLAGS, *where)
    assert done.returncode == 0, done.stderr
    assert f"steps 0 to {SETTINGS['steps']}" in done.stdout
    return folder


@pytest.fixture(scope="module")
def trained(exported, elsewhere):
    """The same folder with the state of two stretches of the program."""
    program, state = exported / "program", exported / "state"
    for steps, end in ((3, 3), (5, 8)):
        done = _portable(elsewhere, program, f"--output={state}", f"--steps={steps}")
        assert done.returncode == 0, done.stderr
        assert json.loads((state / "progress.json").read_text())["step"] == end
        assert f"step {end}/{SETTINGS['steps']}" in done.stdout
    return exported


@pytest.mark.long
def test_a_run_that_goes_there_and_back_is_that_of_one_machine(trained, tmp_path):
    shutil.copytree(trained / "run", tmp_path / "there")
    where = [f"--run={tmp_path}/there", f"--state={trained}/state"]
    done = command_here("import_state", *where)
    assert done.returncode == 0, done.stderr
    end = train(Run.open(tmp_path / "there").config(), tmp_path / "there", None)
    assert end["step"] == SETTINGS["steps"] and end["best_validation_nll"] < 0
    train(resolve(Config(**SETTINGS)), tmp_path / "here", None)
    there, here = (Run.open(tmp_path / name) for name in ("there", "here"))
    rows = {row["step"]: row for row in here.metrics()}
    assert [row["step"] for row in there.metrics()] == [8, 12]
    for row in there.metrics():
        for name in row.keys() - {"data", "seconds"}:
            np.testing.assert_allclose(row[name], rows[row["step"]][name], 1e-6, err_msg=name)
    for key, _ in tf.train.list_variables(str(here.checkpoints / "step-000000012")):
        if key.endswith("VARIABLE_VALUE") and not key.startswith("progress/"):
            a, b = (
                tf.train.load_variable(str(r.checkpoints / "step-000000012"), key)
                for r in (there, here)
            )
            np.testing.assert_allclose(a, b, 1e-6, 1e-9, err_msg=key)
    means = [
        json.loads(line) for line in (trained / "state/metrics.jsonl").read_text().split("\n")[:-1]
    ]
    assert [row["step"] for row in means] == [3, 4, 8]
    for name in ("loss", "nll", "critic_loss"):
        np.testing.assert_allclose(means[1][name], rows[4][name], 1e-6)


def test_ctrl_c_ends_after_a_call_with_its_state(exported, elsewhere, tmp_path):
    arguments = [exported / "program", f"--output={tmp_path}"]
    patch = "from tfflowgan.portable import _train; take = _train.Steps.take; import os, signal;"
    patch += (
        "_train.Steps.take = lambda s, n: (os.kill(os.getpid(), signal.SIGINT), take(s, n))[1];"
    )
    done = _portable(elsewhere, *arguments, patch=patch)
    assert done.returncode == 130 and "interrupted" in done.stderr
    progress = portable.read_progress(tmp_path)
    assert progress["step"] == 1
    iterations = portable.read_variables(tmp_path, progress)["optimizer/0"]
    assert iterations == 1
    done = _portable(elsewhere, *arguments, "--minutes=0.00001")
    assert done.returncode == 1 and "--minutes=" in done.stderr


def test_moments_may_be_halved(exported, elsewhere, tmp_path):
    flags = [f"--output={tmp_path}", "--steps=2", "--halve_moments"]
    for _ in range(2):  # the second call reads the first one's state
        done = _portable(elsewhere, exported / "program", *flags)
        assert done.returncode == 0, done.stderr
    progress = portable.read_progress(tmp_path)
    assert progress["step"] == 4 and len(progress["stretches"]) == 2
    about = json.loads((tmp_path / f"{progress['state']}.json").read_text())
    halved = {name.split("/")[0] for name in about["bfloat16"]}
    assert halved == {"optimizer", "critic"}
    found = portable.read_variables(tmp_path, progress)
    assert all(found[name].any() for name in about["bfloat16"])


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["{exported}/run"], "run is no program"),
        (["{exported}/program", "--steps=0"], "--steps=0"),
        (["{exported}/program", "--minutes=-1"], "--minutes=-1"),
        (["{exported}/program", "--save_minutes=0"], "--save_minutes=0"),
        (["{exported}/program", "--time", "--steps=3"], "--steps"),
        (["{exported}/program", "--count=3"], "--count"),
    ],
)
def test_what_is_wrong_there_is_one_sentence(exported, elsewhere, tmp_path, arguments, named):
    filled = [a.format(exported=exported) for a in arguments]
    done = _portable(elsewhere, *filled, f"--output={tmp_path}/state")
    assert done.returncode == 1 and named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_state_of_another_program_is_refused(trained, elsewhere, tmp_path):
    """The same recipe with one more step is another program."""
    flags = [f for f in FLAGS if not f.startswith("--steps=")] + ["--steps=13"]
    where = [f"--run={tmp_path}/run", f"--output={tmp_path}/program"]
    assert command_here("export_program", *flags, *where).returncode == 0
    shutil.copytree(trained / "state", tmp_path / "state")
    done = _portable(elsewhere, tmp_path / "program", f"--output={tmp_path}/state")
    assert done.returncode == 1 and "--output=" in done.stderr and "another" in done.stderr
    done = command_here("import_state", f"--run={tmp_path}/run", f"--state={tmp_path}/state")
    assert done.returncode == 1 and f"--state={tmp_path}/state" in done.stderr


@pytest.mark.parametrize("case", ["no state", "behind", "damaged", "no run"])
def test_a_state_that_does_not_fit_its_run_is_refused(trained, tmp_path, case):
    shutil.copytree(trained / "run", tmp_path / "run")
    shutil.copytree(trained / "state", tmp_path / "state")
    path, named = tmp_path / "state/progress.json", f"--state={tmp_path}/state"
    if case == "no state":
        path.unlink()
    elif case == "behind":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"step": 0}))
    elif case == "damaged":
        path.write_text("")
        named = str(path)
    else:
        shutil.rmtree(tmp_path / "run")
        named = f"--run={tmp_path}/run"
    done = command_here("import_state", f"--run={tmp_path}/run", f"--state={tmp_path}/state")
    assert done.returncode == 1 and named in done.stderr, done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("bin/import_state: ")


def test_a_finished_run_goes_on_elsewhere(elsewhere, tmp_path):
    settings = SETTINGS | {"steps": 4}
    train(resolve(Config(**settings)), tmp_path / "run", None)
    where = [f"--run={tmp_path}/run", f"--output={tmp_path}/program"]
    done = command_here("export_program", *where)
    assert done.returncode == 1 and f"--run={tmp_path}/run" in done.stderr
    done = command_here("export_program", "--steps=8", *where)
    assert done.returncode == 0 and "steps 4 to 8" in done.stdout, done.stderr
    done = _portable(elsewhere, tmp_path / "program", f"--output={tmp_path}/state")
    assert done.returncode == 0, done.stderr
    done = command_here("import_state", f"--run={tmp_path}/run", f"--state={tmp_path}/state")
    assert done.returncode == 0, done.stderr
    end = train(Run.open(tmp_path / "run").config(), tmp_path / "run", None)
    assert end["step"] == 8 and end["reason"] == "all 8 steps"
    (stretch,) = Run.open(tmp_path / "run").read("elsewhere.json")["stretches"]
    assert (stretch["from"], stretch["to"], stretch["platform"]) == (4, 8, "cpu")


@pytest.mark.parametrize("flag", ["--minutes=3", "--early_stopping=2", "--snapshots=3"])
def test_what_a_program_cannot_do_is_refused(tmp_path, flag):
    flags = [f for f in FLAGS if not f.startswith("--steps=")]
    done = command_here("export_program", *flags, flag, f"--run={tmp_path}/run")
    assert done.returncode == 1 and flag in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_images_that_are_read_from_a_file_are_refused(tmp_path):
    np.save(tmp_path / "images.npy", np.zeros([4, 2, 2, 1], np.uint8))
    on_disk = np.load(tmp_path / "images.npy", mmap_mode="r")
    splits = SimpleNamespace(train=SimpleNamespace(images=on_disk), source="my_images")
    session: Any = SimpleNamespace(config=Config(), model=None, splits=splits)
    with pytest.raises(UserError, match=r"^my_images is read from a file .*--limit[^.]*\.$"):
        export_program(session, tmp_path / "program", 100)


def test_steps_are_timed_and_forgotten(exported, elsewhere, tmp_path):
    done = _portable(elsewhere, exported / "program", f"--output={tmp_path}/times", "--time")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "times/times.json").read_text())
    assert found["step_seconds"]["median"] > 0 and found["settings"]["flow"] == "nice"
    assert [p.name for p in (tmp_path / "times").iterdir()] == ["times.json"]

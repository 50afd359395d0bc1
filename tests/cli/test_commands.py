"""The commands as a user types them."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.helpers import ROOT, command, command_here
from tfflowgan.images.sets import read_sets

TRAIN = (
    "--data_source=embedded --flow=nice --width=16 --layers=1 --couplings=2 --limit=200 "
    "--batch_size=40 --epochs=1"
).split()
COMMANDS = sorted(p.name for p in (ROOT / "bin").iterdir())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The directory of a trained run, its exported model beside it."""
    folder = tmp_path_factory.mktemp("run")
    done = command("train", *TRAIN, f"--run={folder}/run", f"--output={folder}/model")
    assert done.returncode == 0, done.stderr
    assert f"{folder}/model/1" in done.stdout and "step-000000005.png" in done.stdout
    return folder / "run"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_screen_and_imports_no_tensorflow(name):
    script = (
        "import sys, runpy; sys.argv = ['x', '--help']\ntry: "
        f"runpy.run_path({str(ROOT / 'bin' / name)!r}, run_name='__main__')\n"
    )
    script += "except SystemExit as e: assert not e.code\nassert 'tensorflow' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) <= 72 and max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["train", "--epoch=3"], "Unknown command line flag 'epoch'. Did you mean: epochs"),
        (["train", "--epochs=many"], "epochs"),
        (["train", "epochs=3"], "'epochs=3'"),
        (["train", "--flow=glow"], "--flow=glow"),
        (["train", "--preset=paper"], "--preset=paper"),
        (["train", "--config=nowhere.json"], "--config=nowhere.json"),
        (["train", "--batch_size=0"], "--batch_size=0"),
        (["train", "--flow=nice", "--levels=2"], "--levels"),
        (["train", "--flow=nice", "--data_dir=/nowhere"], "--data_dir=/nowhere"),
        (["evaluate"], "--run"),
        (["evaluate", "--run=/nowhere"], "--run=/nowhere"),
        (["export", "--run=/nowhere"], "--run=/nowhere"),
        (["sample"], "--model"),
        (["sample", "--model=/nowhere"], "--model=/nowhere"),
        (["sample", "--model=/tmp", "--temperature=-1"], "--temperature=-1"),
        (["sample", "--model=/tmp", "--output=a.jpg"], "--output=a.jpg"),
        (["sample", "--model=/tmp", "--folder=/nowhere/a"], "--folder=/nowhere/a"),
        (["sample", "--model=/tmp", "--folder=a", "--columns=3"], "--columns=3"),
    ],
)
def test_a_bad_flag_is_one_sentence(arguments, sentence, tmp_path):
    done = command_here(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith(
        f"bin/{arguments[0]}: "
    )
    assert not done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, gpu, named",
    [
        (["train", "--flow=nice", "--run=r"], False, ["--batch_size"]),
        (["train", "--flow=nice", "--run=r", "--jit=on"], False, ["--batch_size", "--jit=off"]),
        (["train", "--flow=nice", "--run=r"], True, ["--batch_size", "--jit=off", "--gpus=0"]),
        (["train", "--flow=nice", "--run=r", "--jit=off"], True, ["--batch_size", "--gpus=0"]),
        (["evaluate", "--run=r"], True, ["--batch_size", "--gpus=0"]),
        (["evaluate", "--run=r", "--evaluations=annealing"], False, []),
        (
            ["evaluate", "--run=r", "--evaluations=annealing"],
            True,
            ["--annealing_batch", "--gpus=0"],
        ),
        (
            ["evaluate", "--run=r", "--evaluations=annealing", "--annealing_batch=99"],
            False,
            ["--annealing_batch"],
        ),
        (["evaluate", "--run=r", "--evaluations=critic_distance"], False, ["--critic_batch"]),
        (["compare", "--real=a", "--generated=b"], False, ["--critic_batch"]),
        (["import_state", "--run=r", "--state=s"], False, []),
        (["export_program", "--what=sample", "--run=r"], False, []),
    ],
)
def test_a_full_memory_is_one_sentence(arguments, gpu, named, tmp_path, monkeypatch):
    def full(*arguments, **settings):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

    for place in ("training.train.train", "runs.run.Run.open", "images.sets.read_sets"):
        monkeypatch.setattr(f"tfflowgan.{place}", full)
    monkeypatch.setattr("tfflowgan.cli.app._uses_gpu", lambda: gpu)
    done = command_here(*arguments, cwd=tmp_path)
    (sentence,) = done.stderr.strip().splitlines()
    assert done.returncode == 1 and re.findall(r"--\w+(?:=\w+)?", sentence) == named
    begin = "memory is full; use " if named else "memory is full. What"
    assert begin in sentence and sentence.endswith(" What was saved stays.")


@pytest.mark.slow
def test_importing_tensorflow_says_nothing(tmp_path):
    done = command("train", "--flow=glow", cwd=tmp_path)
    assert done.returncode == 1 and not done.stdout
    assert len(done.stderr.strip().splitlines()) == 1 and done.stderr.startswith(
        "bin/train: --flow=glow"
    )


@pytest.mark.slow
def test_evaluate_writes_all_units_and_where_they_come_from(run):
    done = command_here(
        "evaluate", f"--run={run}", "--draws=2", "--importance_weighted", "--samples=20"
    )
    assert done.returncode == 0, done.stderr
    assert "Evaluating likelihood of " in done.stderr and " CPU core" in done.stderr
    result = json.loads((run / "results" / "likelihood.json").read_text())
    for split in ("train", "validation", "test"):
        assert result[split]["count"] == 200
        assert (
            f"{result[split]['nll']['value']:.2f}" in done.stdout
            and f"{result[split]['bits_per_dim']['value']:.4f}" in done.stdout
        )
    assert "embedded-5k" in result["data"]["source"] and "embedded-5k" in done.stdout
    assert result["provenance"]["packages"]["tensorflow"] and result["provenance"]["hardware"]


@pytest.mark.slow
def test_samples_repeat_exactly_and_partially(run, tmp_path):
    for name, n, model in (
        ("a", 12, run.parent / "model"),
        ("b", 5, run.parent / "model" / "1"),
        ("c", 12, run),
    ):
        flags = [
            f"--model={model}",
            f"--n={n}",
            "--seed=1",
            f"--output={tmp_path}/{name}.png",
            f"--npy={tmp_path}/{name}.npy",
        ]
        done = command_here("sample", *flags)
        assert done.returncode == 0, done.stderr
    a, b, c = (np.load(tmp_path / f"{name}.npy") for name in "abc")
    assert a.shape == (12, 28, 28, 1)
    np.testing.assert_array_equal(a[:5], b)
    np.testing.assert_array_equal(a, c)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (2 * (4 * 29 + 1), 2 * (3 * 29 + 1))


@pytest.mark.slow
def test_samples_are_written_as_single_files_of_the_same_images(run, tmp_path):
    flags = [f"--model={run}", "--n=70", "--seed=1", "--folder=made", "--npy=made.npy"]
    done = command_here("sample", *flags, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"made", "made.npy"}  # and no grid
    files = sorted((tmp_path / "made").iterdir())
    assert [file.name for file in files] == [f"sample-{i:06d}.png" for i in range(70)]
    pixels = [np.asarray(Image.open(file))[..., np.newaxis] for file in files]
    images = np.load(tmp_path / "made.npy")
    assert images.dtype == np.float32
    np.testing.assert_array_equal(pixels, np.floor(images * 256).clip(0, 255))
    sets = read_sets({"real": tmp_path / "made", "generated": tmp_path / "made.npy"})
    np.testing.assert_array_equal(sets["real"], sets["generated"])
    again = command_here("sample", *flags[:3], "--folder=made", "--output=grid.png", cwd=tmp_path)
    assert again.returncode == 1 and "--folder=made" in again.stderr
    assert not (tmp_path / "grid.png").exists()


@pytest.mark.slow
def test_export_adds_a_version(run, tmp_path):
    for version in ("1", "2"):
        done = command_here("export", f"--run={run}", f"--output={tmp_path}/model")
        assert done.returncode == 0 and f"{tmp_path}/model/{version}" in done.stdout


@pytest.mark.slow
def test_config_repeats_a_run(run, tmp_path):
    done = command_here(
        "train",
        f"--config={run}/config.json",
        f"--run={tmp_path}/again",
        f"--output={tmp_path}/model",
    )
    assert done.returncode == 0, done.stderr
    one, other = (
        json.loads((d / "metrics.jsonl").read_text().splitlines()[0])
        for d in (run, tmp_path / "again")
    )
    assert one["validation_nll"] == pytest.approx(other["validation_nll"], abs=0.01)  # nats


@pytest.mark.slow
def test_a_finished_run_says_so_and_exits_well(run):
    done = command_here("train", *TRAIN, f"--run={run}", f"--output={run.parent}/model")
    assert done.returncode == 0 and "is finished" in done.stderr


@pytest.mark.slow
def test_changed_flags_are_refused_and_named(run):
    done = command_here("train", *TRAIN, "--learning_rate=0.5", f"--run={run}")
    assert done.returncode == 1 and re.search("--learning_rate.*0.0005.*0.5", done.stderr)
    assert "Traceback" not in done.stderr

"""Files of a user's own on the command line: training, resuming, evaluating, exporting."""

import hashlib
import json
import pathlib
import re
import shutil

import pytest

from tests.helpers import command_here
from tests.own_code.files import DATA, EVALUATION, FLOW
from tfflowgan import evaluation, own_code
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.run import Run
from tfflowgan.training.resolve import resolve

FLAGS = [
    *("--flow=my_flow.py:build", "--dataset=my_data.py:load", "--width=3", "--batch_size=10"),
    *("--options=depth=2,count=30", "--run=run", "--output=model"),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with three files, and a run and a model that two of them made."""
    folder = tmp_path_factory.mktemp("own")
    for name, text in (("my_flow", FLOW), ("my_data", DATA), ("my_eval", EVALUATION)):
        (folder / f"{name}.py").write_text(text)
    done = command_here("train", *FLAGS, "--epochs=1", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of the results, whose files still are those in the other folder."""
    shutil.copytree(trained / "run", tmp_path / "run")
    shutil.copytree(trained / "model", tmp_path / "model")
    return tmp_path


@pytest.fixture
def changed(trained):
    """The flow's file, changed for a while."""
    path = trained / "my_flow.py"
    path.write_text(FLOW + "# another\n")
    yield path
    path.write_text(FLOW)


def _refused(done, *words):
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()
    lines = [line for line in said if not line.startswith("Evaluating ")]  # and where
    assert len(lines) == 1 and all(re.search(word, lines[0]) for word in words), done.stderr
    assert "executed" not in done.stdout


def test_a_flag_that_names_no_function_is_refused(tmp_path):
    (tmp_path / "my.py").write_text(FLOW)
    for flag in ("flow", "critic", "objective", "dataset"):
        done = command_here("train", f"--{flag}=my.py:missing", cwd=tmp_path)
        _refused(done, f"--{flag}=\\S*my.py:missing", "build")
    _refused(command_here("train", "--flow=no.py:build", cwd=tmp_path), "--flow=.*no.py:build")
    done = command_here("train", "--flow=my.py:build", "--options=depth=x", cwd=tmp_path)
    _refused(done, "--options=depth='x'", "int")
    done = command_here("train", "--options=depth=3", cwd=tmp_path)
    _refused(done, "--options=depth=3")
    done = command_here("train_classifier", "--dataset=my.py:build", cwd=tmp_path)
    _refused(done, "--dataset=my.py:build")


@pytest.mark.slow
def test_a_run_holds_its_files_and_their_checksums(trained):
    config = json.loads((trained / "run" / "config.json").read_text())
    assert config["flow"] == f"{trained}/my_flow.py:build"
    assert config["width"] == 3 and config["options"] == "count=30,depth=2"
    files = {str(trained / "my_flow.py"): FLOW, str(trained / "my_data.py"): DATA}
    assert config["code"] == {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()
    }
    data = json.loads((trained / "run" / "data.json").read_text())
    assert data["train"] == 30 and data["name"] == "my_data"


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "--run=run", "--draws=1", "--samples=4"],
        ["export", "--run=run", "--output=again"],
        ["sample", "--model=run", "--n=4"],
        ["sample", "--model=model", "--n=4"],
        ["train", "--config=run/config.json", "--run=copy", "--output=copied", "--epochs=1"],
        ["train", "--init_from=run", "--dataset=my_data.py:load", "--run=more", "--output=more_of"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_is_loaded_executes_its_files_if_allowed_and_unchanged(arguments, folder, trained):
    shutil.copy(trained / "my_data.py", folder)
    _refused(command_here(*arguments, cwd=folder), r"my_(flow|data)\.py", "--allow_code")
    path = trained / "my_flow.py"
    path.write_text(FLOW + "# another\n")
    try:
        done = command_here(*arguments, "--allow_code", cwd=folder)
        _refused(done, r"my_flow\.py has changed")
    finally:
        path.write_text(FLOW)
    if arguments[0] == "train" and "--config=run/config.json" not in arguments:
        arguments = [*arguments, "--batch_size=10", "--epochs=1", "--options=count=30"]
    done = command_here(*arguments, "--allow_code", cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_same_command_continues_a_run_until_its_file_changes(trained, changed):
    done = command_here("train", *FLAGS, "--epochs=1", cwd=trained)
    assert done.returncode == 1 and f"{changed} has changed" in done.stderr
    changed.write_text(FLOW)
    done = command_here("train", *FLAGS, "--epochs=1", cwd=trained)
    assert done.returncode == 0 and "is finished" in done.stderr
    done = command_here("train", *FLAGS, "--epochs=1", "--options=depth=1", cwd=trained)
    _refused(done, "--options was")


@pytest.mark.slow
def test_an_evaluation_of_ones_own(folder, trained):
    shutil.copy(trained / "my_eval.py", folder)
    flags = ["--run=run", "--evaluations=my_eval.py:evaluate", "--samples=6", "--allow_code"]
    done = command_here("evaluate", *flags, "--options=factor=3.0", cwd=folder)
    assert done.returncode == 0 and "brightness" in done.stdout, done.stderr
    result = json.loads((folder / "run" / "results" / "my_eval.json").read_text())
    assert result["options"] == {"samples": 6, "factor": 3.0}
    assert result["code"] == {
        str(folder / "my_eval.py"): hashlib.sha256(EVALUATION.encode()).hexdigest()
    }
    done = command_here("evaluate", *flags, "--options=factor=3.0", cwd=folder)
    assert "up to date" in done.stderr
    (folder / "my_eval.py").write_text(EVALUATION.replace("factor * ", "100 + factor * "))
    done = command_here("evaluate", *flags, "--options=factor=3.0", cwd=folder)
    assert "up to date" not in done.stderr and done.returncode == 0
    again = json.loads((folder / "run" / "results" / "my_eval.json").read_text())
    assert again["brightness"] == pytest.approx(result["brightness"] + 100, rel=1e-3)
    for name, words in (("nothing", "NoneType"), ("strange", "weights"), ("missing", "nothing")):
        flags[1] = f"--evaluations=my_eval.py:{name}"
        done = command_here("evaluate", *flags[:2], "--allow_code", cwd=folder)
        _refused(done, f"--evaluations=.*my_eval.py:{name}", words)
    done = command_here("evaluate", *flags, "--options=other=1", cwd=folder)
    assert done.returncode == 1
    page = command_here("report", "--runs=run", "--output=page", cwd=folder)
    assert page.returncode == 0, page.stderr
    text = (folder / "page" / "index.html").read_text()
    assert "my_eval" in text and "brightness" in text


@pytest.mark.slow
def test_a_python_function_evaluates_a_run(folder):
    calls = []

    def brightest(flow, splits, *, samples=5, seed=0):
        calls.append(samples)
        return {"brightest": float(flow.sample(samples, seed).numpy().max()), "n": len(splits.test)}

    evaluator = evaluation.RunEvaluator(Run.open(folder / "run"))
    with pytest.raises(UserError, match="--allow_code"):
        evaluator.evaluate(brightest, {})
    with own_code.consent(everything=True):
        result, path = evaluator.evaluate(brightest, {"samples": 3})
        again, _ = evaluator.evaluate(brightest, {"samples": 3})
    assert result["n"] == 30 and result["options"] == {"samples": 3, "seed": 0}
    assert json.loads(path.read_text()) == again
    assert calls == [3, 3]  # it may have changed


def test_an_evaluation_must_not_have_the_name_of_ours(tmp_path):
    (tmp_path / "likelihood.py").write_text(EVALUATION)
    with pytest.raises(UserError, match="--evaluations=.*likelihood.py"):
        evaluation.label(f"{tmp_path}/likelihood.py:evaluate")


@pytest.mark.slow
def test_a_card_shows_no_folders_and_the_options(trained):
    with own_code.consent(everything=True):
        config = resolve(
            Config(
                flow=f"{trained}/my_flow.py:build",
                options="depth=2",
            )
        )
        text = evaluation.command(config)
        assert resolve(config) == config
    assert "--flow=my_flow.py:build" in text and "depth=2" in text
    assert str(pathlib.Path(trained).parent) not in text

"""Notebooks run from top to bottom, on fewer images and steps than they show."""

import importlib.util
import json
import re
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tests.helpers import ROOT

NOTEBOOKS = sorted(path.stem for path in (ROOT / "examples").glob("*.ipynb"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a notebook in an empty folder, with other values for its constants; gives its names."""
    monkeypatch.chdir(tmp_path)

    def run(notebook, **constants):
        cells = _cells(notebook)
        for name, value in constants.items():
            pattern = re.compile(rf"^{name} = \d+$", re.MULTILINE)
            assert sum(len(pattern.findall(cell)) for cell in cells) == 1, name
            cells = [pattern.sub(f"{name} = {value}", cell) for cell in cells]
        names = {"__name__": "notebook"}
        for i, cell in enumerate(cells):
            exec(compile(cell, f"{notebook}, cell {i}", "exec"), names)
        return names

    yield run
    plt.close("all")


def _cells(notebook):
    content = json.loads((ROOT / "examples" / f"{notebook}.ipynb").read_text())
    assert content["nbformat"] == 4 and not any(cell.get("outputs") for cell in content["cells"])
    return ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]


@pytest.mark.slow
def test_a_flow_is_a_keras_model_and_a_distribution(run):
    names = run("flow_as_keras_model_and_distribution")
    assert np.isfinite(names["log_prob"]).all()
    assert names["drawn"].shape == (2, 3, 28, 28, 1)


@pytest.mark.slow
def test_photos_become_scores(run):
    names = run("own_photos", STEPS=150)
    assert names["found"]["defective"]["flag"].mean() > 0.5 > names["found"]["good"]["flag"].mean()
    assert names["area"]["value"] > 0.8
    row, column = np.unravel_index(names["where"][0].argmax(), (16, 16))
    assert 4 <= row <= 7 and 3 <= column <= 6


@pytest.mark.slow
def test_a_flow_is_trained_and_judged(run, tmp_path):
    names = run("train_and_judge", EPOCHS=3)
    test = names["judged"]["test"]["bits_per_dim"]
    assert 0 < test["value"] < 4 and test["standard_error"] < 0.1  # 8 knows nothing
    assert names["scores"]["samples"]["mode_score"]["value"] > 1
    assert names["scores"]["test"]["mode_score"]["value"] > 9
    assert (tmp_path / "samples.png").exists() and (tmp_path / "digits" / "1").is_dir()


@pytest.mark.slow
def test_an_adversary_is_set_beside_the_likelihood(run):
    names = run("adversary_beside_the_likelihood", START_EPOCHS=3, EPOCHS=1)
    nll = {name: mean["value"] for name, mean in names["nll"].items()}
    assert nll["likelihood"] < nll["both"] < nll["adversary"]
    assert np.isfinite(names["curves"]["both"]["distance"]).all()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_installs_the_package_where_it_is_missing(notebook, monkeypatch):
    installed = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: installed.append(words[-1]))
    cell = _cells(notebook)[0]
    assert 'REPOSITORY = ""' in cell
    exec(cell, {})
    assert not installed
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="REPOSITORY"):
        exec(cell, {})
    exec(cell.replace('REPOSITORY = ""', 'REPOSITORY = "https://here/it.git"'), {})
    assert installed == ["git+https://here/it.git"]

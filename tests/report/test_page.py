"""The page of several runs."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from tests.helpers import command, small_flow, synthetic_splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import likelihood
from tfflowgan.report import estimators, text
from tfflowgan.report.page import render


def _result(seed):
    splits = synthetic_splits(30)
    result = likelihood.evaluate(small_flow("nice", seed=seed), splits, samples=5, checked=5)
    return json.loads(
        json.dumps(
            result
            | {
                "evaluation": "likelihood",
                "weights": {"select": "last", "sha256": "0" * 64},
                "options": {"seed": 0},
                "pictures": {"own": "own.png"},
                "provenance": {"date": "2026-01-01", "commit": "abc", "hardware": "a machine", "packages": {}, "seconds": 1.0},
            }
        )
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two folders with what is kept of runs."""
    folders = []
    for i, objective in enumerate(("mle", "wgan")):
        folder = tmp_path_factory.mktemp("runs") / objective
        (folder / "results").mkdir(parents=True)
        config = {"dataset": "mnist", "objective": objective, "flow": "nice", "preset": None, "seed": i, "select": "last"}
        data = {"name": "mnist", "source": "somewhere <b>", "train": 3, "validation": 2, "test": 1, "fingerprint": "f" * 16}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "data.json").write_text(json.dumps(data | {"image_shape": [4, 4, 1]}))
        (folder / "metrics.jsonl").write_text(
            json.dumps({"step": 5, "seconds": 60, "train_nll": 1.0, "validation_nll": 2.0}) + "\n"
        )
        (folder / "results" / "likelihood.json").write_text(json.dumps(_result(i)))
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(folder / "results" / "own.png")
        folders.append(folder)
    return folders


def test_a_page_shows_every_run_and_the_published_numbers(runs):
    page = render(runs, "A title")
    for folder in runs:
        result = json.loads((folder / "results" / "likelihood.json").read_text())
        assert f"{result['test']['nll']:.2f} +- {result['test']['nll_standard_error']:.2f}" in page
        assert f'alt="own of {folder.name}"' in page
    assert "A title" in page and "published, mnist: Flow-GAN table 1" in page and "-3334.56" in page
    assert "somewhere &lt;b&gt;" in page


def test_a_page_needs_nothing_but_itself(runs):
    page = render(runs, "A title")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page) and "<script" not in page


def test_the_command_writes_it(runs, tmp_path):
    done = command("report", f"--runs={runs[0]},{runs[1]}", f"--output={tmp_path}/page")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page" / "index.html").exists() and "index.html" in done.stdout


def test_bad_folders_are_one_sentence(runs, tmp_path):
    with pytest.raises(UserError, match="is not a run"):
        render([tmp_path], "")
    with pytest.raises(UserError, match="names two runs mle"):
        render([runs[0], runs[0]], "")
    for name in ("config.json", "data.json"):
        (tmp_path / name).write_text((runs[0] / name).read_text())
    with pytest.raises(UserError, match="no evaluation is there yet"):
        render([tmp_path], "")


def test_a_table_in_the_terminal_lines_up(runs):
    result = json.loads((runs[0] / "results" / "likelihood.json").read_text())
    lines = text("likelihood", {"mle": result}).splitlines()
    assert len({len(line) for line in lines[:5]}) == 1 and "own samples" in lines[4]


def test_estimators_are_judged_by_the_pairs_that_they_order_rightly():
    def run(exact, annealed, kde):
        return {
            "likelihood": {"test": {"nll": exact, "nll_standard_error": 1.0}},
            "annealing": {"ais_nll": annealed, "ais_nll_standard_error": None},
            "mixture": {"kde": {"test_nll": kde, "test_nll_standard_error": 0.1}},
        }

    results = {"a": run(-3.0, -1.0, -3.0), "b": run(-2.0, -2.0, -2.0), "c": run(1.0, 5.0, 1.0), "d": {"likelihood": {}}}
    header, rows = estimators.table(results)
    assert [row[0] for row in rows[:3]] == ["a", "b", "c"] and rows[0][1] == "-3.00 +- 1.00" and rows[0][2] == "-1.00"
    sentences = estimators.verdicts(results)
    assert "a < b < c" in sentences[0] and "2 of 3 pairs" in sentences[1] and "3 of 3 pairs" in sentences[2]
    assert "MLE < hybrid < ADV" in sentences[3] and "0 of 3 pairs" in sentences[4]  # of AIS, as the paper says
    assert estimators.table({"d": {"likelihood": {}}})[1] == [] and estimators.verdicts({"a": results["a"]}) == []

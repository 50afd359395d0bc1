"""The page of several runs."""

import base64
import json
import re
import shutil
import urllib.parse

import numpy as np
import pytest
from PIL import Image

from tests.helpers import command, small_flow, synthetic_splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import likelihood
from tfflowgan.report import estimators, text
from tfflowgan.report.page import Layout, read, render, render_runs
from tfflowgan.report.results import FORMAT


def _result(seed):
    splits = synthetic_splits(30)
    result = likelihood.evaluate(small_flow("nice", seed=seed), splits, samples=5, checked=5)
    del result["arrays"]  # which go to a file of their own
    return json.loads(
        json.dumps(
            result
            | {
                "format": FORMAT,
                "evaluation": "likelihood",
                "weights": {"select": "last", "sha256": "0" * 64},
                "options": {"seed": 0},
                "pictures": {"own": "own.png"},
                "provenance": {
                    "date": "2026-01-01",
                    "commit": "abc",
                    "hardware": "a machine",
                    "packages": {},
                    "seconds": 1.0,
                },
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
        config = {
            "dataset": "mnist",
            "objective": objective,
            "flow": "nice",
            "preset": None,
            "seed": i,
            "select": "last",
        }
        data = {
            "name": "mnist",
            "source": "somewhere <b>",
            "train": 3,
            "validation": 2,
            "test": 1,
            "fingerprint": "f" * 16,
        }
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "data.json").write_text(json.dumps(data | {"image_shape": [4, 4, 1]}))
        (folder / "metrics.jsonl").write_text(
            json.dumps({"step": 5, "seconds": 60, "train_nll": 1.0, "validation_nll": 2.0}) + "\n"
        )
        (folder / "results" / "likelihood.json").write_text(json.dumps(_result(i)))
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(folder / "results" / "own.png")
        folders.append(folder)
    return folders


@pytest.mark.slow
def test_a_page_shows_every_run_and_the_published_numbers(runs):
    page = render(runs, "A title")
    for folder in runs:
        result = json.loads((folder / "results" / "likelihood.json").read_text())
        nll = result["test"]["nll"]
        assert f"{nll['value']:.2f} +- {nll['standard_error']:.2f}" in page
        assert f'alt="own of {folder.name}"' in page
    assert "A title" in page and "published, mnist: Flow-GAN table 1" in page and "-3334.56" in page
    assert "somewhere &lt;b&gt;" in page


@pytest.mark.slow
def test_a_page_needs_nothing_but_itself(runs):
    page = render(runs, "A title")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "://" not in page and page.count("<script>") == 1  # the one that sorts tables


@pytest.mark.slow
def test_a_page_links_to_the_files_of_its_runs(runs, tmp_path):
    layout = Layout("A title", tmp_path / "a" / "page")
    page = render_runs(*read(list(runs)), layout)
    found = re.findall(r'href="(?!#)([^"]+)"', page)
    there = [(tmp_path / "a" / "page" / urllib.parse.unquote(link)).resolve() for link in found]
    for folder in runs:
        assert {folder, folder / "metrics.jsonl", folder / "results"} <= {*there}


@pytest.mark.slow
def test_curves_and_samples_of_several_runs_are_side_by_side(runs, tmp_path):
    folders = [shutil.copytree(folder, tmp_path / folder.name) for folder in runs]
    for folder in folders:
        (folder / "samples").mkdir()
        for step in (1, 2):
            picture = Image.fromarray(np.full((4, 4), step, np.uint8))
            picture.save(folder / "samples" / f"step-{step:09d}.png")
    page = render(folders, "")
    assert 'alt="learning curves of all runs"' in page
    newest = base64.b64encode((folders[0] / "samples" / "step-000000002.png").read_bytes()).decode()
    assert page.count(newest) == 2 and 'alt="samples of wgan"' in page
    assert 'alt="learning curves of all runs"' not in render(folders[:1], "")


@pytest.mark.slow
def test_the_command_writes_it(runs, tmp_path):
    done = command("report", f"--runs={runs[0]},{runs[1]}", f"--output={tmp_path}/page")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page" / "index.html").exists() and "index.html" in done.stdout


def test_bad_folders_are_one_sentence(runs, tmp_path):
    with pytest.raises(UserError, match=f"--runs.*{tmp_path}.*config.json"):
        render([tmp_path], "")
    with pytest.raises(UserError, match="--runs.*mle"):
        render([runs[0], runs[0]], "")
    for name in ("config.json", "data.json"):
        (tmp_path / name).write_text((runs[0] / name).read_text())
    with pytest.raises(UserError, match=f"--runs={tmp_path}.*bin/evaluate"):
        render([tmp_path], "")


def test_a_table_in_the_terminal_lines_up(runs):
    result = json.loads((runs[0] / "results" / "likelihood.json").read_text())
    lines = text("likelihood", {"mle": result}).splitlines()
    assert len({len(line) for line in lines[:5]}) == 1 and "own samples" in lines[4]


def test_estimators_are_judged_by_the_pairs_that_they_order_rightly():
    def nll(value, error):
        return {"value": value, "standard_error": error}

    def run(exact, annealed, kde, sigma=0.01):
        estimates = {"exact_nll": nll(exact, 1.0), "ais_nll": nll(annealed, None)}
        densities = {"exact": {"test_nll": nll(exact, 1.0)}, "kde": {"test_nll": nll(kde, 0.1)}}
        return {
            "annealing": estimates | {"images": 7, "sigma": sigma},
            "mixture": densities | {"test": 9, "dataset": "mnist"},
        }

    results = {
        "a": run(-3.0, -1.0, -3.0),
        "b": run(-2.0, -2.0, -2.0),
        "c": run(1.0, 5.0, 1.0),
        "d": {"annealing": {}},
    }
    header, rows = estimators.table(results)
    assert [row[0] for row in rows[:3]] == ["a", "b", "c"] and "published: MLE" in rows[3][0]
    assert rows[0][1:] == [
        "-3.00 +- 1.00",
        "-3.00 +- 0.10",
        "9",
        "-3.00 +- 1.00",
        "-1.00",
        "7",
        "0.01",
    ]
    annealed, kde, published, _ = estimators.verdicts(results)
    assert "b < a < c; exact: a < b < c; 2 of 3 pairs" in annealed and "3 of 3 pairs" in kde
    assert (
        "ADV < hybrid < MLE; exact: MLE < hybrid < ADV; 0 of 3 pairs" in published
    )  # of AIS, as the paper says
    assert (
        estimators.table({"d": {"likelihood": {}}})[1] == []
        and estimators.verdicts({"a": results["a"]}) == []
    )
    (refused,) = estimators.verdicts(results | {"e": run(0.0, 0.0, 0.0, sigma=0.1)})
    assert "no order" in refused


def test_a_page_takes_the_selected_weights_and_most_images_and_says_what_differs(runs, tmp_path):
    folder = tmp_path / "mle"
    shutil.copytree(runs[0], folder)
    whole = json.loads((folder / "results" / "likelihood.json").read_text())
    small = whole | {
        "options": {"limit": 5},
        "provenance": whole["provenance"] | {"date": "2027-01-01"},
    }
    small["test"] = small["test"] | {"nll": {"value": 123456.0, "standard_error": None}}
    (folder / "results" / "likelihood-first-5.json").write_text(json.dumps(small))
    other = small | {"options": {}, "weights": {"select": "snapshot-3", "sha256": "1" * 64}}
    (folder / "results" / "likelihood-snapshot-3.json").write_text(json.dumps(other))
    page = render([folder, runs[1]], "")
    assert "123456.00" not in page and "different numbers of images" not in page
    (folder / "results" / "likelihood.json").unlink()
    (folder / "results" / "likelihood-snapshot-3.json").unlink()
    doubtful = small | {
        "precision": small["precision"] | {"test": small["precision"]["test"] | {"trusted": False}}
    }
    (folder / "results" / "likelihood-first-5.json").write_text(json.dumps(doubtful))
    page = render([folder, runs[1]], "")
    assert (
        "123456.00" in page
        and "likelihood: the runs were evaluated on different numbers of images" in page
    )
    assert "mle: the NLL of its test is not to be trusted" in page


def test_results_of_another_version_and_damaged_files_are_one_sentence(runs, tmp_path):
    folder = tmp_path / "mle"
    shutil.copytree(runs[0], folder)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "train_nll": }\n')
    render([folder], "")
    result = json.loads((folder / "results" / "likelihood.json").read_text())
    del result["test"]
    (folder / "results" / "likelihood.json").write_text(json.dumps(result))
    with pytest.raises(UserError, match="'test'"):
        render([folder], "")
    (folder / "data.json").write_text("{}")
    with pytest.raises(UserError, match=f"--runs.*{tmp_path}.*data.json is damaged"):
        render([folder], "")

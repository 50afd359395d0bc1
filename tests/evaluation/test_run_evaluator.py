"""Evaluations of a run: kept, continued, done once."""

import dataclasses
import json

import numpy as np
import pytest

from tests.training.test_train import TINY
from tfflowgan import plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.evaluation import RunEvaluator, likelihood
from tfflowgan.runs.run import Run
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

pytestmark = pytest.mark.slow

FEW = {"samples": 4, "checked": 4, "limit": 20}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of maximum likelihood."""
    folder = tmp_path_factory.mktemp("judged")
    train(resolve(Config(**TINY | {"epochs": 1, "snapshots": "2"})), folder / "run", None)
    return Run.open(folder / "run")


def test_a_result_says_where_it_comes_from(run):
    result, path = RunEvaluator(run).evaluate("likelihood", FEW)
    assert path.name == "likelihood-first-20.json" and path.with_suffix(".png").exists()
    single = np.load(path.with_name(result["arrays"]))
    assert single["test"].shape == (20,) and single["test"].mean() == pytest.approx(
        result["test"]["nll"]["value"], rel=1e-5
    )
    assert result == json.loads(path.read_text())
    assert (
        result["evaluation"] == "likelihood"
        and result["test"]["count"] == 20
        and result["options"]["limit"] == 20
    )
    assert result["weights"]["select"] == "nll" and len(result["weights"]["sha256"]) == 64
    assert result["data"]["fingerprint"] and result["provenance"]["packages"]
    assert str(run.path.parent) not in path.read_text()


def test_what_is_there_is_not_computed_again_until_something_changes(run, monkeypatch):
    first, path = RunEvaluator(run).evaluate("likelihood", FEW)
    calls = []
    monkeypatch.setattr(
        plugins.load("evaluation", "likelihood", "evaluations"),
        "evaluate",
        lambda flow, splits, loop, evaluate=likelihood.evaluate, **options: (
            calls.append(options) or evaluate(flow, splits, loop, **options)
        ),
    )
    monkeypatch.setattr("tfflowgan.evaluation._registry.options", lambda name: first["options"])
    asked = ["flow", "splits", "loop"]
    monkeypatch.setattr("tfflowgan.evaluation._registry.inputs", lambda name: asked)
    assert RunEvaluator(run).evaluate("likelihood", FEW)[0] == first and not calls
    other, _ = RunEvaluator(run).evaluate("likelihood", FEW | {"seed": 1})
    assert len(calls) == 1 and other["test"]["nll"] != first["test"]["nll"]
    RunEvaluator(run).evaluate("likelihood", FEW | {"seed": 1}, overwrite=True)
    assert len(calls) == 2
    assert not list(run.results.glob(".*"))


def test_the_batch_size_of_annealing_leaves_results_up_to_date(run, monkeypatch):
    """Those from before it was an option, too."""
    few = {"annealing_images": 2, "annealing_distributions": 2}
    result, _ = RunEvaluator(run).evaluate("annealing", few)
    assert result["options"]["annealing_batch"] is None
    former = {n: v for n, v in result["options"].items() if n != "annealing_batch"}
    monkeypatch.setattr("tfflowgan.evaluation._registry.options", lambda name: former)
    assert RunEvaluator(run).evaluate("annealing", few)[0] == result  # the same key
    assert RunEvaluator(run).evaluate("annealing", few | {"annealing_batch": 3})[0] == result


def test_a_run_without_test_images_is_one_sentence(run, monkeypatch):
    splits = RunEvaluator(run).splits
    empty = dataclasses.replace(splits, test=splits.test.first(0))
    place = "tfflowgan.evaluation._run_evaluator.load_splits"
    monkeypatch.setattr(place, lambda *arguments: empty)
    with pytest.raises(UserError, match=r"^--run=\S+ has no test images[^.]*\.$"):
        RunEvaluator(run).evaluate("likelihood", FEW)


def test_a_result_of_the_first_format_is_read_and_not_computed_again(run):
    result, path = RunEvaluator(run).evaluate("likelihood", FEW)
    old = json.loads(path.read_text())
    del old["format"]
    for part in ("train", "validation", "test", "own_samples"):
        nll = old[part]["nll"]
        old[part] |= {"nll": nll["value"], "nll_standard_error": nll["standard_error"]}
    path.write_text(json.dumps(old))
    again, _ = RunEvaluator(run).evaluate("likelihood", FEW)
    assert json.loads(path.read_text()) == old and again["format"] == result["format"] == 2
    nll = result["test"]["nll"]
    expected = {"value": nll["value"], "standard_error": nll["standard_error"]}
    assert again["test"]["nll"] == expected
    assert RunEvaluator(run).evaluate("likelihood", FEW, overwrite=True)[0]["test"]["nll"] == nll


def test_weights_and_precision_can_be_chosen(run):
    snapshot, path = RunEvaluator(run, select="snapshot-2").evaluate("likelihood", FEW)
    double, other = RunEvaluator(run, dtype="float64").evaluate("likelihood", FEW)
    single, _ = RunEvaluator(run).evaluate("likelihood", FEW)
    assert (
        path.name == "likelihood-snapshot-2-first-20.json"
        and other.name == "likelihood-first-20-float64.json"
    )
    assert snapshot["test"]["nll"] != single["test"]["nll"]
    assert double["test"]["nll"] == pytest.approx(single["test"]["nll"], rel=1e-4)
    assert double["dtype"] == "float64" and set(double["precision"]["test"]["nll"]) == {"float64"}


def test_missing_weights_are_one_sentence(run):
    with pytest.raises(UserError, match="--select=snapshot-7"):
        RunEvaluator(run, select="snapshot-7").evaluate("likelihood", FEW)


def test_a_new_classifier_at_the_same_path_asks_for_a_new_result(run, monkeypatch):
    evaluator = RunEvaluator(run)
    assert (
        evaluator._scored_by({"seed": 0}) is None
        and evaluator._scored_by({"classifier": "inception_v3"}) is None
    )
    assert evaluator._scored_by({"classifier": "/nowhere"}) is None
    shipped = evaluator._scored_by({"classifier": None})
    assert len(shipped) == 64
    monkeypatch.setattr("tfflowgan.evaluation._run_evaluator.digest", lambda folder: "other")
    assert evaluator._scored_by({"classifier": None}) == "other"

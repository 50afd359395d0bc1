"""What version 0.1.0 left behind still loads, continues, evaluates and means the same."""

import dataclasses
import json
import pathlib
import re
import shutil
import tarfile

import numpy as np
import pytest

from tfflowgan import config as config_module
from tfflowgan import evaluation, plugins, report
from tfflowgan.avb import fit, measure
from tfflowgan.config import Config
from tfflowgan.datasets import binary_images
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.report.page import render
from tfflowgan.report.results import read, upgrade
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.load import load_generator, load_splits
from tfflowgan.runs.run import Run
from tfflowgan.serving import saved_model
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

pytestmark = pytest.mark.slow

HERE = pathlib.Path(__file__).parent / "fixtures" / "v0_1"
DEFAULTS = json.loads((HERE / "defaults.json").read_text())
FLOWS = ("nice", "nvp", "real_nvp")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The fixture's folder, free to be written to, as the current directory."""
    shutil.copytree(HERE, tmp_path / "v0_1", ignore=shutil.ignore_patterns("exports"))
    monkeypatch.chdir(tmp_path / "v0_1")
    return tmp_path / "v0_1"


def _rows(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.long  # its file, the last one in the folder
def test_a_run_stopped_between_evaluations_continues_to_the_same_end(runs):
    config = Config(**config_module.from_file(str(runs / "stopped" / "config.json")))
    end = train(resolve(config), runs / "stopped", runs / "model")
    before = json.loads((runs / "finished" / "finished.json").read_text())
    assert {name: end[name] for name in ("reason", "step", "epoch", "select")} == {
        name: before[name] for name in ("reason", "step", "epoch", "select")
    }
    assert end["best_validation_nll"] == pytest.approx(before["best_validation_nll"], rel=1e-4)
    rows, expected = _rows(runs / "stopped"), _rows(runs / "finished")
    for row, known in zip(rows, expected, strict=True):
        for name in known.keys() - {"seconds", "data", "inverse_error"}:
            assert row[name] == pytest.approx(known[name], rel=2e-3, abs=2e-4), name


def test_a_finished_run_goes_on(runs):
    config = Config(**config_module.from_file(str(runs / "finished" / "config.json")))
    run = Run.open(runs / "finished")
    best = run.finished()["best_validation_nll"]
    end = train(resolve(dataclasses.replace(config, epochs=4)), run.path, runs / "model")
    assert end["reason"] == "all 4 epochs" and end["best_validation_nll"] <= best
    assert [row["step"] for row in run.metrics()][-2:] == [21, 24]


def test_a_finished_run_is_evaluated_to_the_same_numbers(runs):
    before = json.loads((runs / "finished" / "results" / "likelihood.json").read_text())
    evaluator = RunEvaluator(Run.open(runs / "finished"))
    result, _ = evaluator.evaluate("likelihood", before["options"], overwrite=True)
    now = np.load(runs / "finished" / "results" / "likelihood.npz")
    known = np.load(HERE / "finished" / "results" / "likelihood.npz")
    for name in known:
        np.testing.assert_allclose(now[name], known[name], rtol=1e-4, atol=1e-3)
    assert (
        result["weights"] == before["weights"]
        and result["data"]["fingerprint"] == before["data"]["fingerprint"]
    )


def test_a_stored_result_is_used_again(runs):
    path = runs / "finished" / "results" / "likelihood.json"
    before, written = json.loads(path.read_text()), path.stat().st_mtime_ns
    result, found = RunEvaluator(Run.open(runs / "finished")).evaluate(
        "likelihood", before["options"]
    )
    assert found.resolve() == path and path.stat().st_mtime_ns == written
    assert result["test"]["nll"]["value"] == before["test"]["nll"]


def test_every_result_is_shown_with_its_numbers(runs):
    shown = json.loads((HERE / "shown.json").read_text())
    paths = [*(runs / "finished" / "results").glob("*.json"), HERE / "sample_scores.json"]
    assert {path.stem for path in paths} == shown.keys()
    for path in paths:
        result = read(path)
        _, rows = report.show(result["evaluation"]).table({"old": result})
        assert [[cell for cell in row if re.search(r"\d", cell)] for row in rows] == shown[
            path.stem
        ]
        assert "old" in report.text(result["evaluation"], {"old": result})
        report.save_figure(result["evaluation"], {"old": result}, runs / f"{path.stem}.png")
    page = render([runs / "finished", runs / "avb"], "both")
    assert "finished" in page and "avb" in page


def test_weights_are_read_with_the_spec_of_their_time(runs):
    run = Run.open(runs / "finished")
    flow = load_generator(run, "snapshot-6")
    splits = load_splits(run.config())
    assert run.data()["fingerprint"] == splits.provenance()["fingerprint"]
    assert np.isfinite(flow.log_prob(np.full((1, 8, 8, 1), 0.501, np.float32))).all()


@pytest.mark.parametrize("name", FLOWS)
def test_exports_give_their_densities(name, tmp_path):
    with tarfile.open(HERE / "exports" / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    known = np.load(HERE / "exports" / f"{name}.npz")
    flow = saved_model.load(tmp_path / name)
    spec = json.loads((HERE / "exports" / f"{name}.json").read_text())
    assert spec.items() <= flow.spec.items()
    np.testing.assert_allclose(
        flow.log_prob(known["images"]), known["log_prob"], rtol=1e-4, atol=1e-3
    )
    np.testing.assert_allclose(flow.encode(known["images"]), known["encode"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(flow.sample(3, seed=7), known["sample"], rtol=1e-3, atol=1e-4)
    exact = flow.astype("float64").log_prob(known["images"])
    np.testing.assert_allclose(exact, known["float64_log_prob"], rtol=1e-9)


def test_an_auto_encoder_is_measured_to_the_same_numbers(runs):
    before = json.loads((runs / "avb" / "finished.json").read_text())
    settings = before["settings"]
    splits = load_splits(Config(dataset="image_folder", data_dir="digits"))
    model = fit.build(splits.image_shape, settings)
    assert Checkpoints(runs / "avb" / "checkpoints", **model.parts).restore()
    now = measure.measure(model, binary_images(splits.test, settings["seed"]), settings["seed"])
    known = upgrade(before["test"])
    assert now["elbo"] == pytest.approx(known["elbo"], rel=1e-4)
    assert now["discriminators"]["joint"]["value"] == pytest.approx(
        known["discriminators"]["joint"]["value"], rel=1e-3, abs=1e-4
    )


def test_a_key_that_a_file_lacks_means_what_it_meant(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    settings = Config(**config_module.from_file(str(tmp_path / "config.json")))
    # null was an epoch, as 0 is now; and nvp, with its own logit
    defaults = DEFAULTS["config"] | {"monitor_steps": 0, "flow": "nvp", "logit_alpha": 1e-5}
    assert defaults.items() <= dataclasses.asdict(settings).items()
    for case, resolved in DEFAULTS["resolved"]:
        (tmp_path / "config.json").write_text(json.dumps(case))
        now = dataclasses.asdict(
            resolve(Config(**config_module.from_file(str(tmp_path / "config.json"))))
        )
        expected = {"monitor_steps": 0} | {n: v for n, v in resolved.items() if v is not None}
        assert {name: now[name] for name in expected} == expected, case
        said = plugins.former("flows", now["flow"], 1) if now["flow"] else {}  # of options since
        unset = [n for n, value in resolved.items() if value is None and n not in expected]
        assert {n: now[n] for n in unset} == {n: said.get(n) for n in unset}, case


@pytest.mark.parametrize("folder", ["flows", "generators", "critics", "objectives"])
def test_options_of_parts_are_there(folder):
    for name, options in DEFAULTS["options"][folder].items():
        assert options.keys() <= plugins.options(folder, name, "option").keys()


@pytest.mark.parametrize("flow", FLOWS)
def test_what_has_changed_of_a_flow_since_is_known(flow):
    before = DEFAULTS["options"]["flows"][flow]
    now = plugins.options("flows", flow, "flow")
    changed = {n for n, value in now.items() if before.get(n, "absent") != value}
    assert changed - {"network"} <= plugins.former("flows", flow, 1).keys()
    for name, value in plugins.former("flows", flow, 1).items():
        assert before.get(name, value) == value


def test_evaluations_and_their_options_are_there():
    for name, options in DEFAULTS["evaluations"].items():
        assert options.keys() <= evaluation.options(name).keys()

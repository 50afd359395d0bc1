"""What `--init_from` takes: a run, a checkpoint of a run, a SavedModel."""

import json
import shutil

import numpy as np
import pytest

import tfflowgan
from tests.helpers import ROOT, perturb, small_flow
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.flows import build
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training.source import copy_weights, find_source

SETTINGS = {"flow": "nice", "width": 6, "layers": 1, "couplings": 2, "select": "nll"}


def _flow(seed, **changes):
    options = {"width": 6, "layers": 1, "couplings": 2} | changes
    return perturb(build("nice", (4, 4, 1), **options), seed=seed)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with every kind of checkpoint, each with other weights, and these flows by name."""
    run = Run.create(tmp_path_factory.mktemp("source") / "first")
    run.write("config.json", Config(**SETTINGS).to_json())
    run.write("data.json", json.dumps({"image_shape": [4, 4, 1], "source": "", "fingerprint": ""}))
    names = ("best", "best_score", "last", "snapshot-000000500", "step-000000500")
    flows = {name: _flow(seed) for seed, name in enumerate(names)}
    for name, flow in flows.items():
        parts = {"generator": flow} | ({"other": _flow(9)} if name.startswith("step") else {})
        Checkpoints(run.checkpoints, **parts).write(run.checkpoints / name)
    return run, flows


def _same(flow, other):
    for a, b in zip(flow.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "name, file",
    [
        ("", "best"),
        ("checkpoints/best", "best"),
        ("checkpoints/best_score", "best_score"),
        ("checkpoints/last.index", "last"),
        ("checkpoints/snapshot-500", "snapshot-000000500"),
        ("checkpoints/snapshot-000000500.index", "snapshot-000000500"),
        ("checkpoints/step-500", "step-000000500"),
        ("checkpoints/step-000000500", "step-000000500"),
    ],
)
def test_a_run_and_its_checkpoints(run, name, file):
    run, flows = run
    source, flow = find_source(f"{run.path}/{name}"), _flow(100)
    record = copy_weights(source, flow, run.path)
    _same(flow, flows[file])
    assert source.config().width == 6
    assert record["weights"] == str(run.checkpoints / file) and len(record["index_sha256"]) == 64


def test_weights_are_cast_to_the_dtype_of_the_new_run(run):
    run, flows = run
    flow = build("nice", (4, 4, 1), width=6, layers=1, couplings=2, dtype="float64")
    copy_weights(find_source(str(run.path)), flow, run.path)
    _same(flow, flows["best"].astype("float64"))


@pytest.mark.slow
def test_a_saved_model_and_each_version_of_it(tmp_path):
    flows = [_flow(seed) for seed in (0, 1)]
    for flow in flows:
        tfflowgan.export(flow, tmp_path / "model")
    for name, flow in {"model": flows[1], "model/1": flows[0], "model/2": flows[1]}.items():
        source, new = find_source(str(tmp_path / name)), _flow(100)
        record = copy_weights(source, new, tmp_path / "run")
        _same(new, flow)
        config = source.config()
        assert (config.flow, config.width, config.layers, config.couplings) == ("nice", 6, 1, 2)
        (tmp_path / "init_from.json").write_text(json.dumps(record))
        start = Run(tmp_path).init_from()
        assert start["model"] == f"model/{2 if flow is flows[1] else 1}"
        assert len(start["sha256"]) == 64


def test_a_saved_model_tells_its_architecture_without_being_loaded():
    for name, flow in (("nice_mnist_mle_small", "nice"), ("nvp_mnist_mle_small", "nvp")):
        source = find_source(str(ROOT / "saved_models" / name))
        assert source.config().flow == flow and source.image_shape() == [28, 28, 1]


def test_a_saved_model_of_an_unknown_option_or_another_tool_is_refused(tmp_path):
    version = tmp_path / "model" / "1"
    (version / "assets.extra").mkdir(parents=True)
    (version / "saved_model.pb").write_text("")
    with pytest.raises(UserError, match="--init_from=.*model/1.*SavedModel of tfflowgan"):
        find_source(str(tmp_path / "model")).config()
    spec = {"flow": "nice", "image_shape": [4, 4, 1], "colour": 3}
    path = version / "assets.extra" / "tfflowgan.json"
    path.write_text(json.dumps({"model": spec}))
    with pytest.raises(UserError, match="--init_from=.*colour"):
        find_source(str(tmp_path / "model")).config()


@pytest.mark.parametrize("name", ["nowhere", "", "checkpoints", "file", "checkpoints/best"])
def test_anything_else_is_refused_with_what_the_flag_takes(tmp_path, name):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"--init_from=.*runs/NAME.*snapshot-N.*saved_models/NAME"):
        find_source(str(tmp_path / name))


def test_a_checkpoint_that_a_run_does_not_have_is_refused(run):
    run, _ = run
    with pytest.raises(UserError, match="--init_from=.*snapshot-7 .*snapshot-000000500"):
        find_source(f"{run.path}/checkpoints/snapshot-7")
    with pytest.raises(UserError, match="--init_from=.*checkpoints/nll.*best_score, last"):
        find_source(f"{run.path}/checkpoints/nll")


def test_weights_that_do_not_fit_are_refused(run, tmp_path):
    run, _ = run
    source = find_source(str(run.path))
    with pytest.raises(UserError, match="--init_from=.*4 x 4 x 1.*--run=new.*2 x 8 x 1"):
        copy_weights(source, small_flow("nice", (2, 8, 1)), "new")
    with pytest.raises(UserError, match="--init_from=.*best.*--run=new"):
        copy_weights(source, _flow(0, width=7), "new")
    copy = tmp_path / "run"
    shutil.copytree(run.path, copy)
    (copy / "checkpoints" / "best.data-00000-of-00001").write_bytes(b"")
    with pytest.raises(UserError, match="--init_from=.*best.*damaged"):
        copy_weights(find_source(str(copy)), _flow(0), "new")


def test_a_run_is_loaded_as_a_model_is(run, tmp_path):
    run, flows = run
    _same(tfflowgan.load(run.path), flows["best"])
    _same(tfflowgan.load(str(run.path), select="snapshot-500"), flows["snapshot-000000500"])
    with pytest.raises(UserError, match="snapshot-7.*snapshot-000000500"):
        tfflowgan.load(run.path, select="snapshot-7")
    with pytest.raises(UserError, match="select=last.*runs"):
        tfflowgan.load(ROOT / "saved_models" / "nice_mnist_mle_small", select="last")
    with pytest.raises(UserError, match=rf"{tmp_path}.*run.*config\.json.*SavedModel"):
        tfflowgan.load(tmp_path)

"""Annealed chains and Jacobians by programs, where only JAX and NumPy are."""

import json

import numpy as np
import pytest

from tests.helpers import perturb, small_flow, synthetic_splits
from tests.portable.test_training import _portable, elsewhere, pytestmark  # noqa: F401
from tfflowgan import evaluation, generators
from tfflowgan.evaluation import annealing, jacobian
from tfflowgan.portable import _chains

FEW = {
    "annealing_images": 5,
    "annealing_distributions": 60,
    "annealing_chains": 2,
    "annealing_sigma": 0.2,
    "seed": 3,
}
EXTRA = {"model", "program", "stretches"}  # of a result from elsewhere


def close(found, expected):
    """Equal up to the order of sums, in all that the evaluation says."""
    assert found.keys() - EXTRA == expected.keys()
    for name, value in expected.items():
        if isinstance(value, dict):
            close(found[name], value)
        else:
            same = value if value is None or isinstance(value, str) else pytest.approx(value, 1e-6)
            assert found[name] == same, name


@pytest.fixture(scope="module")
def chains(tmp_path_factory):
    """A program of annealed chains in groups of two images, two of three groups per call."""
    folder = tmp_path_factory.mktemp("chains")
    flow, splits = small_flow("nice", dtype="float64"), synthetic_splits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_chains, "_LATENTS", 4 * flow.dims)
        expected = annealing.evaluate(flow, splits, **FEW)
        evaluation.export_ais(
            flow, splits, "nice", folder / "program", 10_000, annealing_batch=8, **FEW
        )
    return folder, expected


GROUPS = "from tfflowgan.portable import _chains; _chains._LATENTS = 64;"


def test_annealed_chains_are_those_of_the_evaluation(chains, elsewhere, tmp_path):  # noqa: F811
    program, expected = chains[0] / "program", chains[1]
    where = [program, f"--output={tmp_path}"]
    assert json.loads((program / "program.json").read_text())["places"] == {
        "images": 2,
        "groups": 2,
    }
    done = _portable(elsewhere, *where, patch=GROUPS)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "ais.json").read_text())
    close(result, expected)
    assert f"NLL by AIS {expected['ais_nll']['value']:.2f} +- " in done.stdout
    [stretch] = result["stretches"]
    assert stretch["platform"] == "cpu" and stretch["seconds"] > 0
    values = np.load(tmp_path / "ais.npz")
    np.testing.assert_allclose(values["ais_nll"], expected["nlls"]["ais"], 1e-6)
    bounds = expected["own_samples"]["bounds"]
    np.testing.assert_allclose(values["upper_bound"], bounds["upper"], 1e-6)
    assert not (tmp_path / "parts").exists()
    again = _portable(elsewhere, *where)
    assert again.returncode == 0 and "is there already" in again.stdout
    for wrong in ("--count=3", "--steps=3", "--minutes=0"):
        done = _portable(elsewhere, program, f"--output={tmp_path}/wrong", wrong)
        assert done.returncode == 1 and wrong.split("=")[0] in done.stderr


def test_chains_that_are_stopped_or_killed_go_on(chains, elsewhere, tmp_path):  # noqa: F811
    where = [chains[0] / "program", f"--output={tmp_path}"]
    done = _portable(elsewhere, *where, "--minutes=1e-9", patch=GROUPS)
    assert done.returncode == 0 and "the same command goes on" in done.stdout
    assert [p.name for p in (tmp_path / "parts").glob("*-*.json")] == [
        "test_images_0_1-000000001.json"
    ]
    killed = GROUPS + "from tfflowgan.portable._kept import Kept; import os; note = Kept._note;"
    killed += "Kept._note = lambda s: os._exit(9) if [*s._folder.glob('own*1-*')] else note(s);"
    done = _portable(elsewhere, *where, "--save_minutes=1e-9", patch=killed)
    assert done.returncode == 9
    before = {p.name for p in (tmp_path / "parts").glob("*.json")}
    assert "own_samples_0_1-000000001.json" in before
    interrupted = GROUPS + "import os, signal; from tfflowgan.portable import _ais;"
    interrupted += (
        "P = _ais.Program; call = P.__call__;"
        "P.__call__ = lambda s, *a: (os.kill(os.getpid(), signal.SIGINT), call(s, *a))[1];"
    )
    done = _portable(elsewhere, *where, patch=interrupted)
    assert done.returncode == 130 and "interrupted" in done.stderr
    done = _portable(elsewhere, *where, patch=GROUPS)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "ais.json").read_text())
    close(result, chains[1])
    assert len(result["stretches"]) == 4


@pytest.mark.parametrize("name", ["nice", "dcgan"])
def test_jacobians_are_those_of_the_evaluation(elsewhere, tmp_path, name):  # noqa: F811
    if name == "dcgan":
        model = perturb(generators.build(name, (8, 8, 1), width=4, dtype="float64"), 0.05)
    else:
        model = small_flow(name, dtype="float64")
    expected = jacobian.evaluate(model, jacobian_draws=3, seed=5)
    evaluation.export_jacobian(model, name, tmp_path / "program", 10_000, batch_size=7)
    where = [tmp_path / "program", f"--output={tmp_path}/found"]
    flags = ["--count=3", "--seed=5"]
    done = _portable(elsewhere, *where, *flags, "--minutes=1e-9")
    assert done.returncode == 0 and "the same command goes on" in done.stdout, done.stderr
    other = _portable(elsewhere, *where, "--count=4", "--seed=5")
    assert other.returncode == 1 and "--count" in other.stderr
    done = _portable(elsewhere, *where, *flags)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "found/jacobian.json").read_text())
    if result["own_log_det"]:  # a difference of equal numbers
        assert result["own_log_det"].pop("greatest_difference") < 1e-6
        expected["own_log_det"].pop("greatest_difference")
    if name == "dcgan":  # of low rank: singular values below the resolution are of chance
        for one in (result, expected):
            for key in ("log_det", "log10_condition_number", "log10_singular_values"):
                del one[key]
    close(result, expected)
    assert f"rank {expected['rank']['mean']:.1f} of {model.dims}" in done.stdout
    values = np.load(tmp_path / "found/jacobian.npz")
    first = jacobian.jacobian_function(model)(model.latents([5 << 32])[0])
    own = np.linalg.svd(first, compute_uv=False)
    np.testing.assert_allclose(values["singular_values"][0], own, 1e-6, 1e-12)
    for wrong in ("--count=0", "--seed=-1", "--steps=3", "--time"):
        done = _portable(elsewhere, *where, wrong)
        assert done.returncode == 1 and wrong.split("=")[0] in done.stderr


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_jacobian_that_is_not_finite_is_refused(elsewhere, tmp_path, dtype):  # noqa: F811
    flow = small_flow("nice", dtype=dtype)
    flow.log_scale.assign(np.full(16, -1000.0))
    evaluation.export_jacobian(flow, "nice", tmp_path / "program", 10_000)
    done = _portable(elsewhere, tmp_path / "program", f"--output={tmp_path}/found")
    assert done.returncode == 1 and f"is not finite in {dtype}" in done.stderr
    assert ("--dtype=float64" in done.stderr) == (dtype == "float32")
    assert len(done.stderr.strip().splitlines()) == 1


def test_other_weights_neither_continue_nor_take_the_place_of_results(elsewhere, tmp_path):  # noqa: F811
    where = [tmp_path / "program", f"--output={tmp_path}/found", "--count=2"]
    one, other = small_flow("nice"), small_flow("nice", seed=1)

    def call(flow, *flags):
        evaluation.export_jacobian(flow, "nice", tmp_path / "program", 10_000)
        return _portable(elsewhere, *where, *flags)

    assert call(one, "--minutes=1e-9").returncode == 0
    done = call(other)
    assert done.returncode == 1
    assert f"--output={tmp_path}/found holds parts of another" in done.stderr
    assert call(one).returncode == 0
    before = (tmp_path / "found/jacobian.json").read_text()
    done = call(other)
    assert done.returncode == 1 and "holds jacobian.json of another program" in done.stderr
    assert (tmp_path / "found/jacobian.json").read_text() == before

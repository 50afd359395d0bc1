"""Log-densities and samples by programs, where only JAX and NumPy are."""

import json

import numpy as np
import pytest

from tests.helpers import command_here, small_flow, synthetic_split
from tests.portable.test_training import _portable, elsewhere, pytestmark  # noqa: F401
from tfflowgan import evaluation
from tfflowgan.metrics.log_probs import log_probs


@pytest.mark.parametrize("name", ["nice", "real_nvp"])
def test_log_densities_are_those_of_the_evaluation(elsewhere, tmp_path, name):  # noqa: F811
    flow, split = small_flow(name, dtype="float64"), synthetic_split(1003)
    where = tmp_path / "program"
    evaluation.export_log_prob(flow, split, "test", name, 3, where, 10_000)
    done = _portable(elsewhere, tmp_path / "program", f"--output={tmp_path}/found")
    assert done.returncode == 0, done.stderr
    own = log_probs(flow, split, seed=3)[0]
    np.testing.assert_allclose(np.load(tmp_path / "found/log_prob.npy"), own, 1e-9)
    result = json.loads((tmp_path / "found/log_prob.json").read_text())
    assert result["nll"]["count"] == 1003 and result["split"] == "test"
    np.testing.assert_allclose(result["nll"]["value"], -own.mean(), 1e-9)
    assert f"{result['bits_per_dim']:.3f} bits/dim" in done.stdout


def test_samples_are_those_of_the_model(elsewhere, tmp_path):  # noqa: F811
    flow = small_flow("nice", dtype="float64")
    evaluation.export_sample(flow, "nice", tmp_path / "program", 10_000, block=8)
    where = [tmp_path / "program", f"--output={tmp_path}/found"]
    done = _portable(elsewhere, *where, "--count=11", "--seed=5")
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "found/images.npy")
    np.testing.assert_allclose(found, flow.sample(11, seed=5), atol=1e-6)
    for wrong in ("--count=0", "--seed=-1", "--steps=3"):
        done = _portable(elsewhere, *where, wrong)
        assert done.returncode == 1 and wrong.split("=")[0] in done.stderr


@pytest.mark.parametrize(
    "flags, named",
    [
        (["--what=latents"], "--what=latents"),
        (["--split=test"], "--split=test"),
        (["--what=log_prob", "--split=all"], "--split=all"),
        (["--part_mb=0"], "--part_mb=0"),
        (["--what=log_prob", "--run={tmp}/none"], "--run="),
        (["--what=sample"], "--run"),
        (["--what=sample", "--run={tmp}/none", "--width=3"], "--width=3"),
        (["--what=sample", "--run={tmp}/none", "--seed=3"], "--seed=3"),
        (["--what=sample", "--annealing_images=3"], "--annealing_images=3"),
        (["--annealing_preset=fast"], "--annealing_preset=fast"),
        (["--what=jacobian", "--run={tmp}/none", "--batch_size=0"], "--batch_size=0"),
        (["--what=ais", "--run={tmp}/none", "--dtype=float16"], "--dtype=float16"),
        (["--what=ais", "--run={tmp}/none"], "--run="),
    ],
)
def test_wrong_flags_are_one_sentence(tmp_path, flags, named):
    done = command_here("export_program", *[f.format(tmp=tmp_path) for f in flags], cwd=tmp_path)
    assert done.returncode == 1 and named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and not list(tmp_path.iterdir())

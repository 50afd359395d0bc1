"""The check of a GPU, whose lines run on the CPU here."""

import json
import subprocess
import sys

import pytest
import tensorflow as tf

from checks import gpu
from tests.helpers import ROOT


def test_a_machine_without_a_gpu_is_refused_in_one_sentence(monkeypatch, capsys, tmp_path):
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("for machines without a GPU")
    output = tmp_path / "a.json"
    monkeypatch.setattr(sys, "argv", ["gpu", f"--output={output}"])
    assert gpu.main() == 1 and not output.exists()
    said = capsys.readouterr().err
    assert said.startswith("checks.gpu: --device=gpu needs a GPU") and said.count("\n") == 1


@pytest.mark.long
@pytest.mark.slow
def test_every_line_runs_on_the_cpu(tmp_path):
    flags = ["--device=cpu", "--size=tiny", f"--output={tmp_path / 'check.json'}"]
    done = subprocess.run(
        [sys.executable, "-m", "checks.gpu", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    found = json.loads((tmp_path / "check.json").read_text())
    assert done.returncode == 0 and found["passed"], done.stdout + done.stderr
    names = [line["name"] for line in found["lines"]]
    assert names[:4] == [
        "densities of nice",
        "densities of nvp",
        "densities of real_nvp",
        "switching TF32 off and on",
    ]
    assert {"a run killed and resumed", "step time in TF32"} <= set(names)
    numbers = {line["name"]: line["numbers"] for line in found["lines"]}
    errors = numbers["densities of nice"]["bits_per_dim_error"]
    assert errors["float32"] == errors["float32 on the CPU"] < errors["mixed_bfloat16"] < 1
    halfway, end = numbers["training nice by mle"]["bits_per_dim"]["cpu"]
    assert numbers["training nice by mle"]["difference"] == 0.0 and halfway != end
    program = numbers["program of nice by mle"]
    assert set(program["bits_per_dim"]) == {"steps", "program"}
    assert program["bits_per_dim"]["steps"] == [halfway, end] and program["difference"] < 1e-4
    assert "CPU core" in numbers["step time in float32"]["computed_on"]
    assert found["gpus"] == [] and found["built_with"]

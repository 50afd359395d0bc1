"""Examples run as they are shown."""

import importlib.util
import json

import numpy as np
import pytest

import tfflowgan
from tests.helpers import ROOT, command_here, script_here
from tfflowgan import flows
from tfflowgan.errors import UserError
from tfflowgan.serving import saved_model


def _module(name="unusual_images"):
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_unusual_images_are_scored(tmp_path):
    saved_model.export(
        flows.build("nice", (28, 28, 1), width=4, layers=1, couplings=2), tmp_path / "model"
    )
    script = ROOT / "examples" / "unusual_images.py"
    arguments = [f"--model={tmp_path / 'model'}", "--limit=20", f"--output={tmp_path / 'out'}"]
    done = script_here(script, *arguments)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out.json").read_text())
    rows = {row["kind"]: row for row in result["rows"]}
    assert rows["test images"]["auroc"] == {"likelihood": 0.5, "typicality": 0.5, "complexity": 0.5}
    assert "Fashion-MNIST" not in rows and (tmp_path / "out.png").exists()
    (tmp_path / "text.gz").write_text("no gz file")
    saved_model.export(flows.build("nice", (4, 4, 1), width=4, layers=1), tmp_path / "tiny")
    for arguments, sentence in (
        ([f"--model={tmp_path / 'nowhere'}"], "nowhere"),
        ([f"--model={tmp_path / 'tiny'}"], "28 x 28 x 1"),
        ([f"--model={tmp_path / 'model'}", "--limit=1"], "--limit=1"),
        ([f"--model={tmp_path / 'model'}", f"--fashion={tmp_path / 'text.gz'}"], "text.gz"),
    ):
        done = script_here(script, *arguments, cwd=tmp_path)
        assert done.returncode == 1 and sentence in done.stderr.strip().splitlines()[-1], (
            done.stderr
        )
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_flow_is_trained_from_python(tmp_path):
    arguments = ["--limit=200", "--epochs=1", f"--output={tmp_path / 'nice'}"]
    done = script_here(ROOT / "examples" / "train_from_python.py", *arguments)
    assert done.returncode == 0, done.stderr
    epochs = [line for line in done.stdout.splitlines() if line.startswith("epoch ")]
    assert len(epochs) == 1 and np.isfinite(float(epochs[0].split()[2]))
    assert (tmp_path / "nice.png").exists()
    assert tfflowgan.load(tmp_path / "nice").sample(2, seed=0).shape == (2, 28, 28, 1)


@pytest.mark.parametrize("defect", [None, "scratch", "stain", "wedge"])
def test_photos_of_parts_are_drawn(defect):
    module = _module("make_parts")
    made, good = (
        np.asarray(module.photo(np.random.default_rng(seed), defect), np.int16) for seed in (0, 0)
    )
    assert made.shape == (256, 256, 3) and (made == good).all()


def test_files_in_mnists_format_are_read(mnist_dir, tmp_path):
    images = _module().read_idx(str(mnist_dir / "t10k-images-idx3-ubyte.gz"))
    assert images.shape == (10000, 28, 28, 1) and images[0].max() == 255
    with pytest.raises(UserError, match="t10k-labels-idx1-ubyte.gz.*28 x 28"):
        _module().read_idx(str(mnist_dir / "t10k-labels-idx1-ubyte.gz"))


def test_damages_do_what_they_are_called():
    module = _module()
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), np.uint8)
    found = module.damaged(images, np.random.default_rng(1))
    assert all(kind.shape == images.shape and kind.dtype == np.uint8 for kind in found.values())
    np.testing.assert_array_equal(found["upside down"][0, 0, 0], images[0, 27, 27])
    np.testing.assert_array_equal(found["shifted by 4 pixels"][0, 4, 4], images[0, 0, 0])
    assert (found["right half black"][:, :, 14:] == 0).all() and (
        found["right half black"][:, :, :14] == images[:, :, :14]
    ).all()
    np.testing.assert_array_equal(
        np.sort(found["pixels in random order"][1], axis=None), np.sort(images[1], axis=None)
    )
    assert found["blurred, 3 x 3 mean"][0, 5, 5, 0] == pytest.approx(
        images[0, 4:7, 4:7].mean(), abs=0.51
    )
    assert found["thinner, 3 x 3 minimum"][0, 5, 5, 0] == images[0, 4:7, 4:7].min()


def test_auroc_counts_pairs():
    module = _module()
    unusual, usual = np.array([1.0, 3.0, 3.0]), np.array([2.0, 3.0])
    pairs = [(a > b) + 0.5 * (a == b) for a in unusual for b in usual]
    assert module.auroc(unusual, usual) == pytest.approx(np.mean(pairs))


@pytest.mark.slow
def test_the_embedding_of_a_fast_learning_critic_is_looked_at(tmp_path):
    small = [
        "--dataset=mnist",
        "--data_source=embedded",
        "--limit=128",
        "--epochs=1",
        "--flow=nice",
        "--width=4",
        "--layers=1",
        "--couplings=2",
    ]
    adversary = ["--objective=wgan", "--critic_width=4", "--critic_steps=1"]
    for critic in ("fast_learning", "dcgan"):
        where = [f"--run={tmp_path / critic}", f"--output={tmp_path / 'model'}"]
        done = command_here("train", *small, *adversary, f"--critic={critic}", *where)
        assert done.returncode == 0, done.stderr
    script = ROOT / "examples" / "fast_learning_embedding.py"
    done = script_here(script, f"--runs={tmp_path / 'fast_learning'}")
    assert done.returncode == 0, done.stderr
    numbers = [float(text) for text in done.stdout.splitlines()[-1].split()[1:]]
    assert len(numbers) == 4 and all(np.isfinite(numbers))
    done = script_here(script, f"--runs={tmp_path / 'dcgan'}")
    assert done.returncode == 1 and "--critic=fast_learning" in done.stderr

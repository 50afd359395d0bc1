"""SavedModels: without the package, and back into it."""

import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import count_ops, products_per_pass, random_images, small_flow
from tfflowgan import model_versions, plugins
from tfflowgan.errors import UserError
from tfflowgan.serving import saved_model

pytestmark = pytest.mark.slow

SHAPE = (4, 4, 1)


FLOWS = plugins.names("flows")


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Name -> (flow, its SavedModel's folder, what TensorFlow loads from it)."""
    found = {}
    for name in FLOWS:
        folder = tmp_path_factory.mktemp(name) / "model"
        flow = small_flow(name, SHAPE)
        path = saved_model.export(flow, folder)
        found[name] = flow, folder, tf.saved_model.load(str(path))
    return found


@pytest.fixture(params=FLOWS)
def exported(request, exports):
    """(flow, its SavedModel's folder, what TensorFlow loads from it)."""
    return exports[request.param]


@pytest.fixture(scope="module")
def strangers_numbers(exports, tmp_path_factory):
    """(images, name -> what a process gets of each flow, one that cannot import this package)."""
    folder = tmp_path_factory.mktemp("stranger")
    images = random_images(SHAPE, dtype="float32").numpy()
    np.save(folder / "images.npy", images)
    # Python adds a script's own folder to its path, and nothing else of this project
    shutil.copy(pathlib.Path(__file__).with_name("stranger.py"), folder)
    arguments = [
        sys.executable,
        "stranger.py",
        *(str(path / "1") for _, path, _ in exports.values()),
    ]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return images, {name: np.load(folder / f"{i}.npz") for i, name in enumerate(exports)}


@pytest.mark.parametrize("name", FLOWS)
def test_a_process_without_this_package_gets_the_same_numbers(name, exports, strangers_numbers):
    (flow, _, _), (images, out) = exports[name], strangers_numbers
    out = out[name]
    for name in ("method", "signature", "default"):
        np.testing.assert_allclose(out[name], flow.log_prob(images), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(out["sample"], flow.sample(2, seed=3), rtol=1e-4, atol=1e-5)
    expected, log_prob = flow.sample_from_seeds([3 << 32, (3 << 32) + 1, 5 << 32], [1.0, 1.0, 0.7])
    np.testing.assert_allclose(out["drawn"], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(out["drawn_log_prob"], log_prob, rtol=1e-4)


def test_every_network_runs_once_in_each_signature(exported):
    flow, _, model = exported
    products = products_per_pass(flow)
    for name, signature in model.signatures.items():
        twice = 2 if name == "reconstruct" else 1  # there, and back from other latents
        assert count_ops(signature, "Conv2D", "MatMul") == products * twice, name


def test_load_gives_back_the_flow(exported):
    flow, folder, _ = exported
    loaded = tfflowgan.load(folder)
    assert loaded.spec == flow.spec
    for a, b in zip(flow.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_seeds_of_the_sample_method_are_those_of_the_flow_or_refused(exported):
    flow, _, model = exported
    np.testing.assert_allclose(
        model.sample(2, seed=2**31 - 1),
        flow.sample(2, seed=np.int64(2**31 - 1)),
        rtol=1e-4,
        atol=1e-5,
    )
    for seed in (-1, 2**31, 2**32):
        with pytest.raises(tf.errors.InvalidArgumentError, match="seed.*2147483647"):
            model.sample(2, seed=seed)
    np.testing.assert_array_equal(flow.sample(2, seed=np.int32(5)), flow.sample(2, seed=5))
    with pytest.raises(UserError, match="^seed=1.5"):
        flow.sample(2, seed=1.5)


def test_versions_count_up_and_are_never_overwritten(exports, tmp_path):
    flow = exports["nice"][0]
    (tmp_path / "7").mkdir()  # a version that someone else began
    assert saved_model.export(flow, tmp_path).name == "8"
    assert saved_model.export(flow, tmp_path).name == "9"
    assert model_versions.newest_version(tmp_path).name == "9"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["7", "8", "9"]


def test_every_signature_input_begins_with_the_batch(exported):
    model = exported[-1]
    names = "log_prob bits_per_dim score_encoded sample encode decode reconstruct serving_default"
    assert set(model.signatures) == set(names.split())
    for signature in model.signatures.values():
        for spec in signature.structured_input_signature[1].values():
            assert spec.shape.rank >= 1 and spec.shape[0] is None


def test_what_is_no_model_is_refused(exports, tmp_path):
    with pytest.raises(UserError, match=f"{tmp_path}.*SavedModel"):
        tfflowgan.load(tmp_path)
    foreign = tf.Module()
    foreign.f = tf.function(lambda x: x, [tf.TensorSpec([], tf.float32)])
    tf.saved_model.save(foreign, str(tmp_path / "1"))
    with pytest.raises(UserError, match=f"{tmp_path}/1.*assets.extra/tfflowgan.json"):
        tfflowgan.load(tmp_path)
    (tmp_path / "1" / "assets.extra").mkdir()
    (tmp_path / "1" / "assets.extra" / "tfflowgan.json").write_text("{}")
    with pytest.raises(UserError, match=f"{tmp_path}/1.*assets.extra/tfflowgan.json"):
        tfflowgan.load(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--output=.*file/model"):
        saved_model.export(exports["nice"][0], tmp_path / "file" / "model")


def test_the_spec_lies_beside_the_model(exported):
    flow, folder, _ = exported
    assert (
        json.loads((folder / "1" / "assets.extra" / "tfflowgan.json").read_text())["model"]
        == flow.spec
    )

"""Exported models without this package: by `saved_model_cli`, and by the C++ runtime with requests
of TF Serving.
"""

import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from tests.serving import models, runtime

pytestmark = pytest.mark.slow

SIGNATURES = list(models.inputs())


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return models.export(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def loaded(exported):
    return runtime.Runtime(exported[1])


@pytest.mark.slow
def test_saved_model_cli_gets_the_same_numbers(exported, tmp_path):
    """The signature of most inputs; the C++ runtime below, which it runs, is asked for all."""
    flow, path = exported
    signature = "reconstruct"
    for name, value in models.inputs()[signature].items():
        np.save(tmp_path / f"{name}.npy", value)
    cli = pathlib.Path(sys.executable).with_name("saved_model_cli")
    given = ";".join(f"{name}={name}.npy" for name in models.inputs()[signature])
    arguments = [
        "run",
        "--dir",
        path,
        "--tag_set",
        "serve",
        "--signature_def",
        signature,
        "--inputs",
        given,
        "--outdir",
        "out",
    ]
    done = subprocess.run(
        [cli, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = {file.stem: np.load(file) for file in (tmp_path / "out").iterdir()}
    models.assert_same(found, models.answers(flow)[signature])


@pytest.mark.slow
def test_the_runtime_answers_requests_in_a_process_without_this_package(exported, tmp_path):
    flow, path = exported
    for folder in ("requests", "responses"):
        (tmp_path / folder).mkdir()
    for name, values in models.inputs().items():
        (tmp_path / "requests" / name).write_bytes(
            runtime.request(name, values).SerializeToString()
        )
    shutil.copy(runtime.__file__, tmp_path)
    done = subprocess.run(
        [sys.executable, "runtime.py", path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for name, expected in models.answers(flow).items():
        response = predict_pb2.PredictResponse.FromString(
            (tmp_path / "responses" / name).read_bytes()
        )
        models.assert_same(
            {key: tf.make_ndarray(value) for key, value in response.outputs.items()}, expected
        )


@pytest.mark.parametrize(
    ("signature", "change", "sentence"),
    [
        (
            "log_prob",
            {"images": np.full((3, 16), 0.5, np.float32)},
            r"given_images \[3,16\] is not compatible with expected shape \[\?,4,4,1\]",
        ),
        (
            "log_prob",
            {"images": np.full((3, 4, 4, 3), 0.5, np.float32)},
            r"given_images \[3,4,4,3\] is not compatible",
        ),
        (
            "log_prob",
            {"images": np.full((4, 4, 1), 0.5, np.float32)},
            r"given_images \[4,4,1\] is not compatible",
        ),
        ("log_prob", {"images": np.full((3, 4, 4, 1), 2.0, np.float32)}, "images.*1.05"),
        (
            "bits_per_dim",
            {"images": np.zeros((3, 16), np.uint8)},
            r"given_images \[3,16\] is not compatible",
        ),
        (
            "sample",
            {"temperature": np.float32(1)},
            r"given_temperature \[\] is not compatible with expected shape \[\?\]",
        ),
        ("sample", {"seeds": np.zeros((3, 1), np.int64)}, r"given_seeds \[3,1\] is not compatible"),
        (
            "decode",
            {"latents": np.zeros((3, 15), np.float32)},
            r"given_latents \[3,15\] is not compatible with expected shape \[\?,16\]",
        ),
        (
            "reconstruct",
            {"keep": np.zeros((3, 16), np.float32)},
            r"given_keep \[3,16\] is not compatible",
        ),
    ],
)
def test_the_runtime_refuses_what_a_server_lets_through(loaded, signature, change, sentence):
    loaded.predict(runtime.request(signature, models.inputs()[signature]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        loaded.predict(runtime.request(signature, models.inputs()[signature] | change))


@pytest.mark.slow
def test_warm_up_requests_are_one_a_signature_and_are_answered(exported, loaded):
    file = exported[1] / "assets.extra" / "tf_serving_warmup_requests"
    logs = [
        prediction_log_pb2.PredictionLog.FromString(r.numpy())
        for r in tf.data.TFRecordDataset(str(file))
    ]
    requests = [log.predict_log.request for log in logs]
    assert {r.model_spec.signature_name for r in requests} == set(SIGNATURES)
    for r in requests:
        for output in loaded.predict(r).outputs.values():
            value = tf.make_ndarray(output)
            assert len(value) == 1 and np.isfinite(value).all()

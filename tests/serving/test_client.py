"""The client, through both protocols: to a stand-in on loopback, and to `tensorflow_model_server`
where that is installed.
"""

import http.server
import shutil
import socket
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest

from tests.helpers import random_images
from tests.serving import models, runtime, servers
from tfflowgan.client import Client, ServerAway, UnknownModel, WrongInput
from tfflowgan.errors import UserError
from tfflowgan.serving import tf_serving_config

pytestmark = pytest.mark.slow


def same(found, expected):
    np.testing.assert_allclose(
        found, expected, rtol=1e-5, atol=1e-5 * np.abs(np.asarray(expected)).max()
    )


def methods_agree(client, flow):
    """Every method of a client gives what the flow gives."""
    images = random_images(models.SHAPE, count=5, dtype="float32").numpy()
    same(client.log_prob(images), flow.log_prob(images))
    drawn, log_prob = client.sample(5, seed=3, temperature=0.8)
    expected, expected_log_prob = flow.sample_and_log_prob(5, 3, 0.8)
    same(drawn, expected)
    same(log_prob, expected_log_prob)
    latents = client.encode(images)
    same(latents, flow.encode(images))
    decoded, log_prob = client.decode(latents)
    same(decoded, images)
    same(log_prob, flow.log_prob(images))
    same(client.reconstruct(images, keep=1.0), images)
    same(client.reconstruct(images, keep=0.0, seed=3), flow.sample(5, seed=3))
    pixels = np.random.default_rng(0).integers(0, 256, (5, *models.SHAPE), np.uint8)
    several = client.bits_per_dim(np.repeat(pixels[:1], 200, axis=0), seed=1)
    uniform = (pixels[:1] + np.random.default_rng(1).random((1600, *models.SHAPE))) / 256
    expected = 8 - flow.log_prob(uniform.astype(np.float32)).numpy() / (16 * np.log(2))
    error = np.hypot(several.std(ddof=1) / 200**0.5, expected.std(ddof=1) / 1600**0.5)
    assert abs(several.mean() - expected.mean()) < 5 * error


@pytest.mark.slow
def test_methods_give_what_the_flow_gives(client, exported):
    methods_agree(client, exported[0])


@pytest.mark.parametrize("signature", list(models.inputs()))
def test_any_signature_can_be_called_by_name(client, exported, signature):
    models.assert_same(
        client.call(signature, **models.inputs()[signature]), models.answers(exported[0])[signature]
    )


def test_seeds_may_be_numpy_integers(client, exported):
    same(client.sample(2, seed=np.int32(5))[0], exported[0].sample(2, seed=5))


def test_long_inputs_are_sent_in_several_requests(served, exported):
    protocol, address, sent = served
    images = random_images(models.SHAPE, count=7, dtype="float32").numpy()
    before = len(sent)
    with Client("small", address, protocol, rows=3) as client:
        same(client.log_prob(images), exported[0].log_prob(images))
    assert len(sent) == before + 3


def test_a_refusal_of_a_later_request_says_where_its_rows_begin(served):
    protocol, address, _ = served
    images = random_images(models.SHAPE, count=7, dtype="float32").numpy()
    images[5, 0, 0, 0] = np.nan
    with (
        Client("small", address, protocol, rows=3) as client,
        pytest.raises(WrongInput, match=r": 2 \(.*row 3"),
    ):
        client.log_prob(images)


@pytest.mark.parametrize(
    ("code", "text", "error", "sentence"),
    [
        (
            grpc.StatusCode.UNAVAILABLE,
            "The batch scheduling queue is full",
            ServerAway,
            "queue is full",
        ),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "out of memory", ServerAway, "out of memory"),
        (
            grpc.StatusCode.FAILED_PRECONDITION,
            "Tensors of different tasks have different shapes",
            WrongInput,
            "different shapes",
        ),
    ],
)
def test_what_a_grpc_server_says_by_its_status_is_passed_on(code, text, error, sentence):
    class Busy:
        class meta_graph:
            signature_def = {"sample"}

        def predict(self, message):
            raise servers.Refusal(code, text)

    with servers.grpc_server(Busy()) as (address, _), pytest.raises(error, match=sentence):
        Client("small", address, "grpc").sample(1)


def test_ports_that_are_mixed_up_are_named(exported):
    loaded = runtime.Runtime(exported[1])
    with servers.rest(loaded) as (address, _), pytest.raises(ServerAway, match="gRPC.*8500"):
        Client("small", address, "grpc", timeout=10).sample(1)
    with servers.grpc_server(loaded) as (address, _), pytest.raises(ServerAway, match="REST.*8501"):
        Client("small", address, "rest", timeout=10).sample(1)


@pytest.mark.parametrize("answer", ["{}", "[1]", "null", "1"])
def test_answers_of_another_kind_are_said_to_be(answer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        with pytest.raises(ServerAway, match="REST.*8501"):
            Client("small", f"127.0.0.1:{other.server_port}").sample(1)
        other.shutdown()


def test_a_version_can_be_asked_for(served, exported):
    protocol, address, _ = served
    images = random_images(models.SHAPE, dtype="float32").numpy()
    same(
        Client("small", address, protocol, version=1).log_prob(images), exported[0].log_prob(images)
    )
    with pytest.raises(UnknownModel, match="small"):
        Client("small", address, protocol, version=2).log_prob(images)


def test_an_unknown_model_is_named(served):
    protocol, address, _ = served
    with pytest.raises(UnknownModel, match=f"{address}.*other.*Servable not found"):
        Client("other", address, protocol).sample(1)


def test_an_unknown_signature_is_named(client):
    with pytest.raises(UnknownModel, match="invert"):
        client.call("invert", images=np.zeros((1, 4, 4, 1), np.float32))


@pytest.mark.parametrize(
    ("method", "arguments", "sentence"),
    [
        (
            "log_prob",
            {"images": np.full((2, 4, 4, 1), np.nan)},
            "images must be finite; .*: 0$",
        ),
        (
            "log_prob",
            {"images": np.full((2, 4, 4, 1), 3.0)},
            "images.*-0.0555.*1.0555.*: 0$",
        ),
        (
            "log_prob",
            {"images": np.zeros((2, 3, 4, 1))},
            r"images .*\[2,3,4,1\].*\[B,4,4,1\]$",
        ),
        ("log_prob", {"images": np.zeros((2, 4, 4, 1), np.uint8)}, "images are uint8"),
        ("log_prob", {"images": np.zeros((0, 4, 4, 1))}, "the batch is empty"),
        (
            "bits_per_dim",
            {"images": np.zeros((2, 4, 4, 1))},
            "images are float64, and bits_per_dim takes uint8",
        ),
        (
            "sample",
            {"n": 2, "temperature": -1.0},
            "temperature must be finite and not negative.*: 0$",
        ),
        ("sample", {"n": 0}, "n=0 must be at least 1"),
        ("sample", {"n": 1, "seed": -1}, "seed=-1 must lie in"),
        (
            "reconstruct",
            {"images": np.full((2, 4, 4, 1), 0.5), "keep": [0.5, 2.0]},
            "keep must be a share from 0 to 1.*: 1$",
        ),
        (
            "reconstruct",
            {"images": np.full((3, 4, 4, 1), 0.5), "keep": [0.5, 1.0]},
            "keep .*one number, or 3",
        ),
        ("sample", {"n": 3, "temperature": [1.0, 2.0]}, "temperature .*one number, or 3"),
        ("sample", {"n": 2.0}, "n=2.0 must be an integer"),
        ("sample", {"n": 2, "seed": 1.5}, "seed=1.5 must be an integer"),
        ("sample", {"n": 2, "seed": 2**31}, "seed=2147483648 must lie in"),
        ("log_prob", {"images": 0.5}, "images must be an array with the batch first"),
        (
            "log_prob",
            {"images": [[0.5], [0.5, 0.5]]},
            "images must be an array: its rows differ in shape",
        ),
        (
            "call",
            {"signature": "sample"},
            "every input of sample must be an array with the batch first",
        ),
    ],
)
def test_wrong_input_is_one_sentence(client, method, arguments, sentence):
    with pytest.raises(WrongInput, match=sentence) as caught:
        getattr(client, method)(**arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_server_that_is_away_is_said_to_be(protocol):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ServerAway, match=f"{address}.*{8501 if protocol == 'rest' else 8500}"):
        Client("small", address, protocol, timeout=5).sample(1)


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_a_server_that_does_not_answer_in_time_is_said_not_to(protocol):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServerAway, match=f"{address}.*0.5 seconds"):
            Client("small", address, protocol, timeout=0.5).sample(1)


def test_what_is_not_tf_serving_is_said_not_to_be(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    other = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        with pytest.raises(ServerAway, match="REST.*8501"):
            Client("small", f"127.0.0.1:{port}").sample(1)
    finally:
        other.kill()
        other.wait()


def test_unknown_protocols_and_senseless_numbers_are_refused():
    with pytest.raises(UserError, match="protocol='http'.*rest.*grpc"):
        Client("small", protocol="http")
    with pytest.raises(UserError, match="rows=0"):
        Client("small", rows=0)


def test_rest_needs_no_tensorflow():
    program = (
        "import sys, tfflowgan.client; tfflowgan.client.Client('m'); assert 'tensorflow' not in "
        "sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.skipif(
    shutil.which("tensorflow_model_server") is None,
    reason="tensorflow_model_server is not on the PATH",
)
def test_tensorflow_model_server_answers_both_protocols(exported):
    flow, path = exported
    folder = path.parent.parent
    tf_serving_config.write(folder, str(folder))
    ports = {}
    for protocol in ("rest", "grpc"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports[protocol] = free.getsockname()[1]
    arguments = [
        f"--port={ports['grpc']}",
        f"--rest_api_port={ports['rest']}",
        f"--model_config_file={folder / 'models.config'}",
    ]
    arguments += ["--enable_batching", f"--batching_parameters_file={folder / 'batching.config'}"]
    server = subprocess.Popen(["tensorflow_model_server", *arguments], stderr=subprocess.DEVNULL)
    try:
        for port in ports.values():
            _wait(port)
        for protocol, port in ports.items():
            with Client("small", f"127.0.0.1:{port}", protocol) as client:
                methods_agree(client, flow)
                with pytest.raises(WrongInput, match="images.*finite"):
                    client.log_prob(np.full((2, 4, 4, 1), np.nan))
                with pytest.raises(UnknownModel):
                    Client("other", f"127.0.0.1:{port}", protocol).sample(1)
    finally:
        server.kill()
        server.wait()


def _wait(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)

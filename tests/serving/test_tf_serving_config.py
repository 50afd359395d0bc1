"""Configuration files for TF Serving."""

import http.server
import json
import subprocess
import threading

import pytest
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from tests.helpers import ROOT, command_here
from tfflowgan.errors import UserError
from tfflowgan.serving import tf_serving_config


@pytest.fixture
def folder(tmp_path):
    """A folder with two models, one that is not whole, and other files."""
    for name in ("digits/1", "digits/2", "faces/7", "begun/.part-x"):
        (tmp_path / name).mkdir(parents=True)
        if "part" not in name:
            (tmp_path / name / "saved_model.pb").touch()
    (tmp_path / "README.md").touch()
    return tmp_path


def test_every_model_of_the_folder_is_listed_as_the_server_sees_it(folder):
    names, paths = tf_serving_config.write(folder, "/models/")
    assert names == ["digits", "faces"]
    found = text_format.Parse(paths[0].read_text(), ModelServerConfig())
    listed = {c.name: (c.base_path, c.model_platform) for c in found.model_config_list.config}
    assert listed == {
        "digits": ("/models/digits", "tensorflow"),
        "faces": ("/models/faces", "tensorflow"),
    }


def test_batching_limits_are_those_of_the_client(folder):
    from tfflowgan.client import Client

    _, paths = tf_serving_config.write(folder, "/models")
    assert paths[1].name == "batching.config"
    lines = [line.split("#")[0].split() for line in paths[1].read_text().splitlines()]
    found = {line[0]: int(line[3]) for line in lines if line}
    assert all(line[1:3] == ["{", "value:"] and line[4] == "}" for line in lines if line)
    assert found["max_batch_size"] == Client("digits")._rows
    assert set(found) == {
        "max_batch_size",
        "batch_timeout_micros",
        "max_enqueued_batches",
        "num_batch_threads",
    }


@pytest.mark.parametrize(
    ("states", "healthy"),
    [
        ({"digits": "AVAILABLE", "faces": "AVAILABLE"}, True),
        ({"digits": "AVAILABLE", "faces": "LOADING"}, False),
        ({"digits": "AVAILABLE"}, False),
    ],
)
def test_the_health_check_asks_for_every_model(folder, states, healthy):
    """Answers are those of TF Serving's documentation of its model status API."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state = states.get(self.path.removeprefix("/v1/models/"))
            status = {"version": "1", "state": state, "status": {"error_code": "OK"}}
            answer = {"model_version_status": [status]} if state else {"error": "not found"}
            self.send_response(200 if state else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer, indent=1).encode())

        def log_message(self, *_):
            pass

    _, paths = tf_serving_config.write(folder, "/models")
    script = paths[3]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        done = subprocess.run(["bash", script, str(server.server_port)], capture_output=True)
        server.shutdown()
    assert (done.returncode == 0) == healthy, done.stderr
    assert healthy or b"faces is not available" in done.stderr
    if healthy:  # the server is gone
        assert subprocess.run(["bash", script, str(server.server_port)]).returncode == 1


def test_compose_names_the_files_that_are_written(folder):
    _, paths = tf_serving_config.write(folder, "/models")
    compose = (ROOT / "compose.yaml").read_text()
    assert all(f"/models/{path.name}" in compose for path in paths)


def test_a_folder_without_models_and_a_relative_root_are_refused(folder, tmp_path):
    with pytest.raises(UserError, match="--serving_config=.*begun must hold models"):
        tf_serving_config.write(folder / "begun", "/models")
    with pytest.raises(UserError, match="--serving_config=.*nowhere must hold models"):
        tf_serving_config.write(folder / "nowhere", "/models")
    done = command_here("export", f"--serving_config={folder}", "--serving_root=models")
    assert done.returncode == 1 and "--serving_root=models" in done.stderr
    assert not (folder / "models.config").exists()


def test_export_writes_them_by_itself(folder):
    done = command_here("export", f"--serving_config={folder}")
    assert done.returncode == 0, done.stderr
    assert "digits, faces" in done.stdout
    for flag in ("--select=last", "--card", "--draws=3"):
        done = command_here("export", f"--serving_config={folder}", flag)
        assert done.returncode == 1 and {flag.split("=")[0], "--run"} <= set(done.stderr.split())
    done = command_here("export", f"--serving_config={folder}", "--draws=0")
    assert done.returncode == 1 and "--draws=0" in done.stderr

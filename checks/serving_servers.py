"""Starting a real TensorFlow Serving on loopback: its Docker image, or its binary."""

import contextlib
import dataclasses
import http.client
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator

from tfflowgan.errors import UserError

__all__ = ["Server", "start"]

_WAIT = 180.0  # seconds, for docker's download too
_FLAGS = ("--enable_batching", "--model_config_file_poll_wait_seconds=5")
_FILES = {
    "model_config_file": "models.config",
    "batching_parameters_file": "batching.config",
    "monitoring_config_file": "monitoring.config",
}


@dataclasses.dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
      what: "docker" or the binary's path.
      version: what it says of itself, or the image's tag and digest.
      rest: "host:port" of REST.
      grpc: "host:port" of gRPC.
    """

    what: str
    version: str
    rest: str
    grpc: str


@contextlib.contextmanager
def start(server: str, version: str, folder: pathlib.Path) -> Iterator[Server]:
    """Starts a server for a folder of models and its configuration; ends it afterwards.

    Args:
      server: "docker", or the path of tensorflow_model_server.
      version: the tag of docker's image.
      folder: of the models, with models.config in it.

    Raises:
      UserError: there is no such program, or the server does not come up.
    """
    docker = server == "docker"
    program = shutil.which(server)
    if program is None:
        hint = "install Docker, or give" if docker else "give docker, or"
        raise UserError(
            f"--server={server} is not a program here; {hint} the path of tensorflow_model_server."
        )
    ports = _free_port(), _free_port()
    name = f"tfflowgan-check-{uuid.uuid4().hex[:8]}"
    command = (
        _docker(program, version, folder, name, *ports)
        if docker
        else _binary(program, folder, *ports)
    )
    log = folder / "server.log"
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        _wait(process, ports, log, server)
        said = _image(program, version) if docker else _said(program)
        yield Server(server, said, *(f"127.0.0.1:{port}" for port in ports))
    finally:
        if docker:
            subprocess.run([program, "kill", name], capture_output=True, check=False)
        process.kill()
        process.wait()


def _docker(program, version, folder, name, rest, grpc):
    return [
        *(program, "run", "--rm", "--name", name, "--platform", "linux/amd64"),
        *("-p", f"127.0.0.1:{rest}:8501", "-p", f"127.0.0.1:{grpc}:8500"),
        *("-v", f"{folder}:/models:ro", f"tensorflow/serving:{version}", *_FLAGS),
        *(f"--{flag}=/models/{file}" for flag, file in _FILES.items()),
    ]


def _binary(program, folder, rest, grpc):
    files = [f"--{flag}={folder / file}" for flag, file in _FILES.items()]
    return [program, f"--rest_api_port={rest}", f"--port={grpc}", *_FLAGS, *files]


def _wait(process, ports, log, server):
    end = time.monotonic() + _WAIT
    while not _is_there(ports[0]):
        if process.poll() is not None or time.monotonic() > end:
            said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
            told = [line for line in said if not line.startswith("Run 'docker")] or ["nothing"]
            raise UserError(f"--server={server} did not come up; its last words are: {told[-1]}")
        time.sleep(0.2)


def _is_there(rest):
    """Whether the server has loaded a model; docker opens the port long before."""
    try:
        url = f"http://127.0.0.1:{rest}/v1/models/small"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return b"AVAILABLE" in answer.read()
    except (OSError, http.client.HTTPException):
        return False


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _said(program):
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return " ".join((done.stdout + done.stderr).split())


def _image(program, version):
    image = f"tensorflow/serving:{version}"
    asked = [program, "image", "inspect", "--format", '{{join .RepoDigests " "}}', image]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return f"{image} {done.stdout.strip()}".strip()

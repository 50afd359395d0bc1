"""Downloads from a server on this machine that answers well, late, never, in part, or wrongly."""

import hashlib
import http.server
import socket
import subprocess
import sys
import threading
import time

import pytest

from tests.helpers import ROOT
from tfflowgan import files
from tfflowgan.files import DownloadError, download

CONTENT = bytes(range(256)) * 1000


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/silent":
            self.server.ended.wait(10)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.path == "/slow":  # never silent for long, but longer than the time-out as a whole
            for i in range(0, len(CONTENT), 64_000):
                self.wfile.write(CONTENT[i : i + 64_000])
                time.sleep(0.15)
            return
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[:100_000])
        if self.path == "/stalls":
            self.wfile.flush()
            self.server.ended.wait(10)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    """Its address."""
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.ended = threading.Event()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.ended.set()
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("algorithm", [None, "md5", "sha256"])
def test_a_file_is_downloaded_whole(server, tmp_path, algorithm):
    checksum = algorithm and hashlib.new(algorithm, CONTENT).hexdigest()
    path = tmp_path / "new" / "file"
    download(f"{server}/whole", path, 5.0, checksum)
    assert path.read_bytes() == CONTENT and list(path.parent.iterdir()) == [path]
    assert checksum is None or files.matches(path, checksum)


def test_the_time_out_is_one_of_silence_and_not_of_the_whole(server, tmp_path):
    start = time.monotonic()
    download(f"{server}/slow", tmp_path / "file", 0.4)
    assert (tmp_path / "file").read_bytes() == CONTENT and time.monotonic() - start > 0.4


@pytest.mark.parametrize(
    "page, checksum, reason",
    [
        ("silent", None, r"no answer from .*/silent within 0.4 s"),
        ("stalls", None, r"/stalls sent nothing for 0.4 s after \d"),
        ("cut", None, r"/cut broke off"),
        ("missing", None, r"/missing answered 404"),
        ("whole", "0" * 64, r"/whole sent another file or a damaged one .*000000000000"),
        ("whole", "0" * 32, r"/whole sent another file or a damaged one .*000000000000"),
    ],
)
def test_a_failure_is_named_in_time_and_leaves_what_was_there(
    server, tmp_path, page, checksum, reason
):
    path = tmp_path / "file"
    path.write_text("before")
    start = time.monotonic()
    with pytest.raises(DownloadError, match=reason):
        download(f"{server}/{page}", path, 0.4, checksum)
    assert time.monotonic() - start < 3
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_an_address_where_nobody_answers_is_given_up(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(DownloadError, match="cannot be reached"):
            download(f"http://127.0.0.1:{closed.getsockname()[1]}/", tmp_path / "file", 0.4)


def test_a_look_up_of_a_name_that_hangs_is_given_up(monkeypatch, tmp_path):
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: ended.wait(10))
    start = time.monotonic()
    with pytest.raises(
        DownloadError, match="no answer from http://somewhere.invalid/ within 0.2 s"
    ):
        download("http://somewhere.invalid/", tmp_path / "file", 0.2)
    assert time.monotonic() - start < 3
    ended.set()


def test_a_place_that_cannot_be_written_is_named(server, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DownloadError, match=r"taken/file cannot be written"):
        download(f"{server}/whole", tmp_path / "taken" / "file", 5.0)


def test_importing_loads_neither_requests_nor_tensorflow():
    program = (
        "import sys; sys.modules.update(requests=None, tensorflow=None); import tfflowgan.files"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60, check=True)

"""Original files that are downloaded for TensorFlow Datasets, from a server on this machine."""

import functools
import hashlib
import http.server
import pathlib
import threading
import types

import pytest

from tests.helpers import synthetic_splits
from tfflowgan import datasets, files
from tfflowgan.datasets import _tfds, mnist
from tfflowgan.datasets._sources import Request
from tfflowgan.errors import UserError
from tfflowgan.files import DownloadError

REQUEST = Request("mnist", None, "download")
FILES = {"train.gz": b"images", "test.gz": b"more images"}


class _Builder:
    """Stands for a TFDS builder: prepares from original files, which it finds as TFDS does."""

    def __init__(self, address, root):
        self.data_dir_root = root / "tfds"
        self.data_path = self.data_dir_root / "data"
        self.info = types.SimpleNamespace(full_name="mnist/3.0.1")
        self.url_infos = {
            f"{address}/{name}": types.SimpleNamespace(
                filename=name, checksum=hashlib.sha256(content).hexdigest(), size=len(content)
            )
            for name, content in FILES.items()
        }
        self.config = None

    def is_prepared(self):
        return self.config is not None

    def download_and_prepare(self, download_config):
        for name, content in FILES.items():
            assert (pathlib.Path(download_config.manual_dir) / name).read_bytes() == content
        self.config = download_config


@pytest.fixture
def served(tmp_path):
    """The folder of a server, its address, and the list of what it was asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, *arguments):
            asked.append(self.path.lstrip("/"))

    folder = tmp_path / "served"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def builder(served, tmp_path, monkeypatch):
    made = _Builder(served[1], tmp_path)
    monkeypatch.setattr(_tfds, "tfds_builder", lambda request, in_data_dir=False: made)
    return made


def _download(read=lambda builder: "images"):
    return _tfds.tfds_sources(read)["download"](REQUEST)


def test_files_are_downloaded_and_prepared_once(builder, served):
    for _ in range(2):
        source, images = _download()
        assert source.startswith("download") and images == "images"
    assert sorted(served[2]) == sorted(FILES)


def test_only_what_is_missing_or_damaged_is_downloaded_again(builder, served):
    folder = _tfds.download_originals(REQUEST)
    (folder / "test.gz").write_bytes(b"cut")
    _download()
    assert sorted(served[2]) == sorted([*FILES, "test.gz"])


def test_files_of_two_datasets_with_the_same_names_are_extracted_apart(builder):
    extracted = set()
    for name in ("mnist", "fashion_mnist"):
        builder.config = None
        request = Request(name, None, "download")
        _tfds.prepare_from(request, _tfds.download_originals(request))
        extracted.add(builder.config.extract_dir)
    assert len(extracted) == 2


def test_a_page_in_place_of_a_file_is_no_source(builder, served, caplog):
    (served[0] / "test.gz").write_text("<html>Download anyway?</html>")
    assert _download() is None
    assert "mnist cannot be downloaded" in caplog.text and "test.gz" in caplog.text
    with pytest.raises(UserError, match="has no images of celeb_a; place .* by --data_dir"):
        datasets.load("celeb_a")


def test_a_folder_that_cannot_be_written_is_no_source(builder, tmp_path, caplog):
    (tmp_path / "tfds").write_text("a file")
    assert _download() is None
    assert "cannot be written" in caplog.text


def test_mnist_without_a_network_is_the_excerpt(builder, monkeypatch, caplog):
    def download(url, path, checksum):
        raise DownloadError(f"no answer from {url}.")

    excerpt = synthetic_splits()
    monkeypatch.setattr(files, "download", download)
    monkeypatch.setattr(mnist, "_embedded", lambda request: ("embedded-5k", excerpt))
    assert datasets.load("mnist") is excerpt
    assert "cannot be downloaded: no answer" in caplog.text


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "celeb_a"])
def test_tfds_knows_name_and_checksum_of_every_original(name):
    infos = _tfds.tfds_builder(Request(name, None, "download")).url_infos
    assert infos and all(url.startswith("http") for url in infos)
    assert all(info.filename and len(info.checksum) == 64 for info in infos.values())
    assert len({info.filename for info in infos.values()}) == len(infos)

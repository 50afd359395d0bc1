"""Where images come from: local originals, a prepared TFDS folder, a TFDS download, an embedded excerpt, in this order.

A dataset gives one function a source; `first_available` runs them. Each returns the images, or None where the source
does not have them; damage is an error, not a reason to look elsewhere.
"""

import contextlib
import dataclasses
import hashlib
import logging
import pathlib
import threading
from collections.abc import Callable
from typing import Any

import requests

from tfflowgan.errors import UserError

__all__ = ["SOURCES", "Request", "first_available", "read_tfds", "verify_originals"]

_log = logging.getLogger(__name__)

SOURCES = ("auto", "local", "prepared", "download", "embedded")

_PATIENCE = 20.0  # seconds without an answer after which a download is given up


@dataclasses.dataclass(frozen=True)
class Request:
    """What the user asked for; see `tfflowgan.datasets.load`."""

    name: str
    data_dir: str | None
    data_source: str
    image_size: int | None = None

    def folder(self) -> pathlib.Path | None:
        """`data_dir` as an existing folder.

        Raises:
          UserError: it is not a folder.
        """
        if self.data_dir is None:
            return None
        folder = pathlib.Path(self.data_dir).expanduser()
        if not folder.is_dir():
            raise UserError(f"--data_dir={self.data_dir} is not a folder.")
        return folder

    def find(self, *names: str) -> pathlib.Path | None:
        """The first folder among `data_dir` and the sub-folder of it with the dataset's name that holds all the names."""
        root = self.folder()
        for folder in [] if root is None else (root, root / self.name):
            if all((folder / name).exists() for name in names):
                return folder
        return None


def first_available(
    request: Request, sources: dict[str, Callable[[Request], tuple[str, Any] | None]], wanted: str
) -> tuple[str, Any]:
    """Runs the sources in order until one has the images.

    Args:
      request: what the user asked for.
      sources: from a name in `SOURCES` to a function that returns (description, images) or None.
      wanted: which files the user could place in `data_dir`, for the message.

    Returns:
      (description, images) of the first source that has them.

    Raises:
      UserError: none has; or `data_dir` was given and holds nothing of use.
    """
    if request.data_source != "auto":
        if request.data_source not in sources:
            raise UserError(
                f"--data_source={request.data_source} does not exist for --dataset={request.name}; it can be auto, "
                f"{', '.join(sources)}."
            )
        if request.data_source == "local" and request.data_dir is None:
            raise UserError(f"--data_source=local needs --data_dir with {wanted}.")
        if request.data_source in ("download", "embedded") and request.data_dir is not None:
            raise UserError(f"--data_source={request.data_source} does not use --data_dir; give one of them.")
        order = [request.data_source]
    elif request.folder() is not None:
        order = [s for s in sources if s in ("local", "prepared")]
    else:
        order = [s for s in sources if s != "local"]
    for source in order:
        found = sources[source](request)
        if found is not None:
            _log.info("%s from %s.", request.name, found[0])
            return found
    where = f"--data_dir={request.data_dir}" if request.data_dir else f"source {' or '.join(order)}"
    raise UserError(f"{where} has no images of {request.name}; place {wanted} in a folder and give it by --data_dir.")


def tfds_builder(request: Request, in_data_dir: bool = False):
    """The TFDS builder of the request's dataset, over the usual TFDS folder or over `data_dir`."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    return tfds.builder(request.name, data_dir=request.data_dir if in_data_dir else None)


def verify_originals(request: Request, folder: pathlib.Path) -> None:
    """Compares the original files in a folder with the checksums that TFDS knows.

    Raises:
      UserError: a file is truncated or damaged.
    """
    for info in tfds_builder(request).url_infos.values():
        path = folder / info.filename
        if not path.exists():
            raise UserError(f"{folder} lacks {info.filename}; place it beside the others.")
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
        if digest.hexdigest() != info.checksum:
            raise UserError(
                f"{path} is damaged or truncated (sha256 {digest.hexdigest()[:12]}... where the original has "
                f"{info.checksum[:12]}...); fetch it again."
            )


def read_tfds(read: Callable[[Any], Any]) -> dict[str, Callable[[Request], tuple[str, Any] | None]]:
    """The sources "prepared" and "download" of a dataset that TFDS has under the same name.

    Args:
      read: turns a prepared builder into the images.
    """

    def prepared(request):
        builder = tfds_builder(request, in_data_dir=request.data_dir is not None)
        if not builder.is_prepared():
            return None
        return f"prepared TensorFlow Datasets folder ({builder.info.full_name})", read(builder)

    def download(request):
        builder = tfds_builder(request)
        url = next(iter(builder.url_infos))
        why = unreachable(url)
        if why is not None:
            _log.warning("%s cannot be downloaded: %s", request.name, why)
            return None
        _log.info("Downloading %s (%s) through TensorFlow Datasets.", request.name, builder.info.download_size)
        try:
            with _impatient():
                builder.download_and_prepare()
        except Exception as error:  # whatever the network, the server or the disk did: there may be another source
            _log.warning("%s cannot be downloaded: %s", request.name, " ".join(str(error).split())[:300])
            return None
        return f"download through TensorFlow Datasets ({builder.info.full_name})", read(builder)

    return {"prepared": prepared, "download": download}


def prepare_from(request: Request, folder: pathlib.Path):
    """Has TFDS prepare a dataset from verified original files in place of a download; returns the builder."""
    import tensorflow_datasets as tfds

    verify_originals(request, folder)
    builder = tfds_builder(request)
    if not builder.is_prepared():
        _log.info("Preparing %s from %s (once, about half a minute).", request.name, folder)
        try:
            with contextlib.redirect_stdout(None):
                builder.download_and_prepare(download_config=tfds.download.DownloadConfig(manual_dir=str(folder)))
        except OSError as error:
            raise UserError(
                f"TensorFlow Datasets cannot prepare {request.name} in {builder.data_path}: {error.strerror or error}; set "
                "TFDS_DATA_DIR to a folder that can be written."
            ) from None
    return builder


@contextlib.contextmanager
def _impatient():
    """Gives up every request that TFDS makes after `_PATIENCE` seconds without a byte; by itself it would wait for ever."""
    adapter = requests.adapters.HTTPAdapter
    patient = adapter.send

    def send(self, request, stream=False, timeout=None, **kwargs):
        return patient(self, request, stream=stream, timeout=timeout or _PATIENCE, **kwargs)

    adapter.send = send
    try:
        yield
    finally:
        adapter.send = patient


def unreachable(url: str, patience: float = _PATIENCE) -> str | None:
    """Why a file cannot be had, or None if its server begins to send it within `patience` seconds."""
    answer = [f"no answer from {url} within {patience:g} s."]

    def ask():
        try:
            with requests.get(url, stream=True, timeout=patience) as response:
                answer[0] = None if response.ok else f"{url} answered {response.status_code}."
        except requests.RequestException as error:
            answer[0] = f"{url} cannot be reached ({type(error).__name__})."

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(patience)
    return answer[0]

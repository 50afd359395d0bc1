"""TensorFlow Datasets (TFDS): prepares a dataset from its original files, and reads it into NumPy.

The original files come from the user's folder or from `files.download`, never from TFDS' own
downloader, which has no time-out.
"""

import contextlib
import logging
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfflowgan import files
from tfflowgan.datasets._sources import Request, Source
from tfflowgan.datasets._splits import Split
from tfflowgan.errors import UserError

__all__ = ["prepare_from", "read_split", "tfds_builder", "tfds_sources", "verify_originals"]

_log = logging.getLogger(__name__)


def tfds_builder(request: Request, in_data_dir: bool = False) -> Any:
    """The TFDS builder of a dataset.

    Args:
      request: names the dataset.
      in_data_dir: look for it in the request's `data_dir`, not in the usual folder of TFDS.
    """
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    return tfds.builder(request.name, data_dir=request.data_dir if in_data_dir else None)


def tfds_sources(read: Callable[[Any], Any]) -> dict[str, Source]:
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
        try:
            builder = prepare_from(request, download_originals(request))
        except (files.DownloadError, OSError, UserError) as error:  # there may be another source
            _log.warning("%s cannot be downloaded: %s", request.name, error)
            return None
        return f"download through TensorFlow Datasets ({builder.info.full_name})", read(builder)

    return {"prepared": prepared, "download": download}


def download_originals(request: Request) -> pathlib.Path:
    """Downloads those original files of a dataset that are not there yet, or are damaged.

    CelebA cannot be downloaded this way: for large files Google Drive sends a page that asks for
    consent, and the page does not have the file's checksum.

    Returns:
      The folder of the files; it may be empty where TFDS has prepared the dataset already.

    Raises:
      DownloadError: one of them cannot be downloaded.
    """
    builder = tfds_builder(request)
    folder = _downloads(builder) / "manual" / request.name
    if builder.is_prepared():
        return folder
    for url, info in builder.url_infos.items():
        path = folder / info.filename
        if not path.exists() or not files.matches(path, info.checksum):
            _log.info("Downloading %s (%s).", url, info.size)
            files.download(url, path, checksum=info.checksum)
    return folder


def verify_originals(request: Request, folder: pathlib.Path) -> None:
    """Compares the original files in a folder with the checksums that TFDS knows.

    Raises:
      UserError: a file is missing, truncated or damaged.
    """
    for info in tfds_builder(request).url_infos.values():
        path = folder / info.filename
        if not path.exists():
            raise UserError(f"{folder} lacks {info.filename}; place it beside the others.")
        digest = files.sha256(path)
        if digest != info.checksum:
            raise UserError(
                f"{path} is damaged or truncated (sha256 {digest[:12]}... where the original has "
                f"{info.checksum[:12]}...); fetch it again."
            )


def prepare_from(request: Request, folder: pathlib.Path) -> Any:
    """Has TFDS prepare a dataset from its original files, unless it is prepared already.

    Args:
      request: names the dataset.
      folder: the original files under the names that TFDS knows, verified.

    Returns:
      The prepared builder.

    Raises:
      UserError: the folder of TFDS cannot be written.
    """
    import tensorflow_datasets as tfds

    builder = tfds_builder(request)
    if builder.is_prepared():
        return builder
    _log.info("Preparing %s from %s (once, about half a minute).", request.name, folder)
    config = tfds.download.DownloadConfig(
        manual_dir=str(folder),
        # of its own, because files of MNIST and Fashion-MNIST have the same names
        extract_dir=str(_downloads(builder) / "extracted" / request.name),
    )
    try:
        with contextlib.redirect_stdout(None):
            builder.download_and_prepare(download_config=config)
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"TensorFlow Datasets cannot prepare {request.name} in {builder.data_path}: {reason}; "
            "set TFDS_DATA_DIR to a folder that can be written."
        ) from None
    return builder


def read_split(
    builder: Any,
    split: str,
    image: Callable[[tf.Tensor], tf.Tensor] | None = None,
) -> Split:
    """Reads one split.

    Args:
      builder: a prepared TFDS builder.
      split: its name there.
      image: applied to every decoded image `uint8 [H, W, C]`; None leaves them as they are.
    """
    has_label = "label" in builder.info.features

    def example(features):
        pixels = features["image"] if image is None else image(features["image"])
        return pixels, features["label"] if has_label else tf.constant(-1, tf.int64)

    dataset = builder.as_dataset(split=split, shuffle_files=False)
    dataset = dataset.map(example, tf.data.AUTOTUNE).batch(1000)
    images, labels = zip(*dataset.as_numpy_iterator(), strict=True)
    return Split(np.concatenate(images), np.concatenate(labels) if has_label else None)


def _downloads(builder):
    """The folder of TFDS for what is downloaded and extracted."""
    return pathlib.Path(builder.data_dir_root) / "downloads"

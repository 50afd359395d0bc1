"""Files: written whole or not at all, downloaded with a time-out, and identified by checksums.

Importing this module loads neither TensorFlow nor requests.
"""

import contextlib
import functools
import hashlib
import os
import pathlib
import queue
import threading
import uuid

__all__ = ["DownloadError", "download", "matches", "sha256", "write_atomically"]

_CHUNK = 1 << 16  # bytes
_ALGORITHMS = {32: "md5", 64: "sha256"}  # by the number of hexadecimal digits


class DownloadError(Exception):
    """A file cannot be downloaded; the text is a sentence that names the address and the reason."""


def download(
    url: str, path: str | os.PathLike, timeout: float = 20.0, checksum: str | None = None
) -> None:
    """Downloads a file into a .part file beside its place, and renames it when it is whole.

    Args:
      url: its address, http or https.
      path: where it goes; the folder is made, and a file that is there is replaced.
      timeout: seconds without a byte after which to give up, before the first byte or between two.
      checksum: the md5 or sha256 that it must have, in hexadecimal digits; None accepts any file.

    Raises:
      DownloadError: no answer, a broken connection, an error status, another checksum, or a file
        that cannot be written.
    """
    path = pathlib.Path(path)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.part")  # others may download it too
    response = _answer(url, timeout)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _receive(response, url, part, timeout)
        if checksum is not None and (found := _digest(part, checksum)) != checksum:
            raise DownloadError(
                f"{url} sent another file or a damaged one (checksum {found[:12]}... instead of "
                f"{checksum[:12]}...)."
            )
        os.replace(part, path)
    except OSError as error:
        raise DownloadError(f"{path} cannot be written ({error.strerror or error}).") from None
    finally:
        response.close()
        with contextlib.suppress(OSError):  # it is not there after a success
            part.unlink()


def matches(path: str | os.PathLike, checksum: str) -> bool:
    """Whether a file has a checksum, an md5 or a sha256 in hexadecimal digits."""
    return _digest(path, checksum) == checksum


def sha256(path: str | os.PathLike) -> str:
    """The SHA-256 of a file's content, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: str | os.PathLike, text: str) -> None:
    """Writes a text file so that a reader sees the old content or the new one, and never a part.

    Args:
      path: the file; its folder must exist.
      text: the whole content.

    Raises:
      OSError: the folder cannot be written.
    """
    path = pathlib.Path(path)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    os.replace(part, path)


def _answer(url, timeout):
    """The response to a request, its body still to come.

    Asks in a thread, because the time-out of a socket neither ends the look-up of a host's name nor
    bounds the attempts at several addresses together.
    """
    import requests

    answers = queue.SimpleQueue()

    def ask():
        try:
            answers.put(requests.get(url, stream=True, timeout=timeout))
        except Exception as error:  # raised again where somebody waits for it
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise DownloadError(f"no answer from {url} within {timeout:g} s.") from None
    if isinstance(answer, requests.Timeout):
        raise DownloadError(f"no answer from {url} within {timeout:g} s.")
    if isinstance(answer, Exception):
        if not isinstance(answer, requests.RequestException | OSError | ValueError):
            raise answer
        raise DownloadError(f"{url} cannot be reached ({type(answer).__name__}).")
    if not answer.ok:
        answer.close()
        raise DownloadError(f"{url} answered {answer.status_code} {answer.reason}.")
    return answer


def _receive(response, url, part, timeout):
    """Writes a response's body to a file."""
    import requests

    size = 0
    try:
        with open(part, "wb") as file:
            for chunk in response.iter_content(_CHUNK):
                size += file.write(chunk)
    except requests.RequestException as error:  # an OSError too, but not one of the disk
        silent = type(error) is requests.ConnectionError  # what a time-out of the body becomes
        how = f"sent nothing for {timeout:g} s" if silent else f"broke off ({type(error).__name__})"
        raise DownloadError(f"{url} {how} after {size:,} bytes.") from None


def _digest(path, checksum):
    """A file's digest by the algorithm of a checksum."""
    algorithm = functools.partial(hashlib.new, _ALGORITHMS[len(checksum)], usedforsecurity=False)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()

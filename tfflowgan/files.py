"""Files: written whole or not at all, fetched with a time-out, told apart by their checksums. Imports no TensorFlow."""

import hashlib
import os
import pathlib

__all__ = ["sha256", "write_atomically"]


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

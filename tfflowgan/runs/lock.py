"""A file that one process at a time may hold locked, on Linux, macOS and Windows.

The system drops the lock when its holder ends, however it ends, so no stale lock stays behind.
"""

import contextlib
import os
import pathlib
import sys
from collections.abc import Iterator

__all__ = ["Locked", "exclusive"]


class Locked(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def exclusive(path: str | os.PathLike) -> Iterator[None]:
    """Holds a lock while its block runs.

    Args:
      path: the file, made if it is not there; its content does not matter.

    Raises:
      Locked: another process holds it, or the file system has no locks.
      OSError: the file cannot be opened.
    """
    with pathlib.Path(path).open("ab") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise Locked(str(path)) from None
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor):
        """Locks the first byte, which may lie beyond the end; closing the file frees it."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

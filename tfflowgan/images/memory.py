"""How many images are held in memory; more than that stay on disk, mapped into memory.

The share is a quarter of the machine's memory, or of what the control group allows, because images
in training exist up to three times: as read, in TensorFlow, and in a batch's queue.
`TFFLOWGAN_MEMORY_GB` sets another number.
"""

import os
import pathlib

from tfflowgan.errors import UserError

__all__ = ["fits", "number_from", "share"]

_SHARE = 0.25
_GROUP = pathlib.Path("/sys/fs/cgroup/memory.max")
_UNKNOWN = 8 * 2**30  # where the system does not tell


def fits(size: int) -> bool:
    """Whether this many bytes of images are to be held in memory."""
    return size <= share()


def share() -> int:
    """Bytes of images that are held in memory at most."""
    given = number_from("TFFLOWGAN_MEMORY_GB")
    return int(_SHARE * _memory()) if given is None else int(given * 2**30)


def number_from(variable: str) -> float | None:
    """The number in an environment variable; None if it is not set.

    Raises:
      UserError: it is no number, or a negative one.
    """
    text = os.environ.get(variable)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not number >= 0:
        raise UserError(f"{variable}={text} must be a number of GiB, 0 or more.")
    return number


def _memory():
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        found = _UNKNOWN
    try:
        return min(found, int(_GROUP.read_text()))
    except (OSError, ValueError):  # "max", or no such file
        return found

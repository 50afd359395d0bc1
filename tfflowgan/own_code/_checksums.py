"""The checksums of files, recorded by what names them, and files that have moved or changed."""

import hashlib
import pathlib
from collections.abc import Iterable
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.own_code._consent import read
from tfflowgan.own_code._names import is_code, split

__all__ = ["digests", "found_again", "refuse_changed"]


def found_again(values: dict[str, Any], recorded: dict[str, str]) -> dict[str, Any]:
    """Follows files that were moved, such as to another machine.

    If a file is not where it was, the file of that name in the current folder takes its place,
    provided that its checksum is the recorded one.

    Args:
      values: settings or options, some of which are names of code.
      recorded: what `digests` returned when the values were written.

    Returns:
      The values, with new names for files that have moved.
    """
    found = {}
    for name, value in values.items():
        if is_code(value):
            path, function = split(value)
            here = pathlib.Path.cwd() / path.name
            if not path.exists() and here.is_file():
                if recorded.get(str(path)) == hashlib.sha256(read(here)).hexdigest():
                    value = f"{here}:{function}"
        found[name] = value
    return found


def digests(values: Iterable[object]) -> dict[str, str]:
    """The SHA-256 of every file that some values name, by its absolute path.

    Args:
      values: any values; those that are not names of code are left out.

    Raises:
      UserError: a file cannot be read.
    """
    found = {}
    for name in values:
        if isinstance(name, str) and is_code(name):
            path, _ = split(name)
            try:
                found[str(path)] = hashlib.sha256(read(path)).hexdigest()
            except OSError as error:
                raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    return found


def refuse_changed(
    values: dict[str, Any], recorded: dict[str, str], where: str, otherwise: str = ""
) -> None:
    """Checks that files still are what they were.

    Args:
      values: settings or options, some of which are names of code (see `found_again`).
      recorded: what `digests` returned when they were written.
      where: what recorded it, for messages.
      otherwise: what else the user can do, for the message on a missing file.

    Raises:
      UserError: a file is missing or has changed.
    """
    for path in dict.fromkeys(split(v)[0] for v in values.values() if is_code(v)):
        before = recorded.get(str(path))
        if before is None:  # typed again, or moved and found by its checksum
            continue
        try:
            now = hashlib.sha256(read(path)).hexdigest()
        except OSError as error:
            raise UserError(
                f"{where} needs the file {path}, which cannot be read: {error.strerror}; put it "
                f"back, or into the current folder{otherwise}."
            ) from None
        if now != before:
            raise UserError(
                f"{path} has changed since {where} was written (SHA-256 was {before[:12]}..., now "
                f"{now[:12]}...); restore that file."
            )

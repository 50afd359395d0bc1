"""Image files below a folder, and a count of everything else that lies there.

Links are followed. A folder is entered once, however many links lead to it, so that a loop of links
ends; where there is a choice, the path without links is taken. What is hidden (a name that begins
with a dot) is not entered. Nothing is left out without being counted.
"""

import collections
import dataclasses
import os
import pathlib
import stat

from tfflowgan.images.formats import endings

__all__ = ["Found", "find"]


@dataclasses.dataclass(frozen=True)
class Found:
    """What lies below a folder.

    Attributes:
      folder: where the search began.
      files: the image files, by path in alphabetical order.
      left_out: from a kind, such as ".txt" or "hidden", to how many were left out.
      unreadable: from the path of what could not even be looked at to the reason.
    """

    folder: pathlib.Path
    files: tuple[pathlib.Path, ...]
    left_out: dict[str, int]
    unreadable: dict[pathlib.Path, str]


def find(folder: pathlib.Path) -> Found:
    """Looks for image files in a folder and all folders below it.

    Args:
      folder: where to look; it may itself be hidden, or a link.
    """
    files: list[pathlib.Path] = []
    left_out: collections.Counter[str] = collections.Counter()
    unreadable: dict[pathlib.Path, str] = {}
    seen: set[tuple[int, int]] = set()
    folders, links = collections.deque([folder]), collections.deque[pathlib.Path]()
    while folders or links:
        linked = not folders
        place = links.popleft() if linked else folders.popleft()
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                left_out["link to a folder that is read already"] += 1
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            unreadable[place] = error.strerror or str(error)
            continue
        for entry in entries:
            path = place / entry.name
            match _kind(entry):
                case "folder":
                    folders.append(path)
                case "link to a folder":
                    links.append(path)
                case "image":
                    files.append(path)
                case kind:
                    left_out[kind] += 1
    return Found(folder, tuple(sorted(files)), dict(left_out), unreadable)


def _kind(entry: os.DirEntry) -> str:
    if entry.name.startswith("."):
        return "hidden"
    try:
        mode = entry.stat().st_mode
    except OSError:
        return "broken link" if entry.is_symlink() else "without permission"
    if stat.S_ISDIR(mode):
        return "link to a folder" if entry.is_symlink() else "folder"
    if not stat.S_ISREG(mode):
        return "special file"
    ending = pathlib.PurePath(entry.name).suffix.lower()
    return "image" if ending in endings() else ending or "without an ending"

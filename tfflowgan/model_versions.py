"""Versions of an exported model on disk: NAME/1, NAME/2, ..., the layout that TF Serving expects.

This module does not import TensorFlow.
"""

import hashlib
import os
import pathlib

from tfflowgan.errors import UserError

__all__ = ["digest", "newest_version", "versions"]


def newest_version(path: str | os.PathLike) -> pathlib.Path:
    """Returns the SavedModel at a path: the path itself, or its subfolder with the highest number.

    Raises:
      UserError: there is no SavedModel.
    """
    path = pathlib.Path(path)
    if (path / "saved_model.pb").exists():
        return path
    found = versions(path)
    if not found:
        raise UserError(
            f"{path} holds no SavedModel: it needs a file saved_model.pb or a numbered folder with "
            "that file."
        )
    return found[max(found)]


def digest(path: str | os.PathLike) -> str:
    """Returns the sha256 of a SavedModel, over the sorted names of its files and their contents."""
    path, result = pathlib.Path(path), hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        result.update(f"{file.relative_to(path).as_posix()} {content}\n".encode())
    return result.hexdigest()


def versions(folder: pathlib.Path) -> dict[int, pathlib.Path]:
    """Returns the paths of all versions of a model by number; `folder` is NAME."""
    if not folder.is_dir():
        return {}
    found = (p for p in folder.iterdir() if p.name.isdecimal())
    return {int(p.name): p for p in found if (p / "saved_model.pb").exists()}

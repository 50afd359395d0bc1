"""The versions of an exported model on disk: NAME/1, NAME/2, ..., as TF Serving wants them. Imports no TensorFlow."""

import hashlib
import os
import pathlib

from tfflowgan.errors import UserError

__all__ = ["digest", "newest_version", "versions"]


def newest_version(path: str | os.PathLike) -> pathlib.Path:
    """The SavedModel at a path: the path itself, or the highest whole number below it.

    Raises:
      UserError: there is none.
    """
    path = pathlib.Path(path)
    if (path / "saved_model.pb").exists():
        return path
    found = versions(path)
    if not found:
        raise UserError(f"{path} holds no SavedModel: neither saved_model.pb nor a folder named by a number.")
    return found[max(found)]


def digest(path: str | os.PathLike) -> str:
    """The sha256 of a SavedModel: of its files' names and contents, in the order of their names."""
    path, result = pathlib.Path(path), hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        result.update(f"{file.relative_to(path).as_posix()} {content}\n".encode())
    return result.hexdigest()


def versions(folder: pathlib.Path) -> dict[int, pathlib.Path]:
    """The versions that are there of a model NAME."""
    if not folder.is_dir():
        return {}
    return {int(p.name): p for p in folder.iterdir() if p.name.isdecimal() and (p / "saved_model.pb").exists()}

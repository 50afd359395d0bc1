"""Names of functions in files: `FILE.py:FUNCTION`."""

import ast
import inspect
import os
import pathlib
import types
from typing import Any

__all__ = ["absolute", "is_code", "label", "name_of", "shown", "split"]

_USUAL = ("build", "load", "evaluate")  # functions that a label need not name


def is_code(name: object) -> bool:
    """Whether a name is `FILE.py:FUNCTION`, and not one of the package's own choices."""
    if not isinstance(name, str):
        return False
    path, colon, function = name.rpartition(":")
    return bool(colon) and path.endswith(".py") and function.isidentifier()


def split(name: str) -> tuple[pathlib.Path, str]:
    """The file, as an absolute path, and the function."""
    path, _, function = name.rpartition(":")
    return pathlib.Path(os.path.abspath(os.path.expanduser(path))), function


def absolute(name: str) -> str:
    """The name with the absolute path of its file."""
    path, function = split(name)
    return f"{path}:{function}"


def shown(name: str) -> str:
    """The name without the file's folder, which is private: `my_flow.py:build`."""
    path, function = split(name)
    return f"{path.name}:{function}"


def label(name: str) -> str:
    """A short name for titles, folders and files.

    It is `my_flow` for `my_flow.py:build`, `my_flow_other` for `my_flow.py:other`, and the name
    itself for one of the package's own choices.
    """
    if not is_code(name):
        return name
    path, function = split(name)
    return path.stem if function in _USUAL else f"{path.stem}_{function}"


def name_of(function: Any) -> str | None:
    """The name by which a function can be loaded again, or None if no file holds it.

    Only a function at the top level of a `.py` file has such a name: a function inside another one,
    a lambda, a method and a function of a notebook have none.
    """
    function = inspect.unwrap(function) if callable(function) else function
    if not isinstance(function, types.FunctionType):
        return None
    path = pathlib.Path(function.__code__.co_filename)
    top_level = function.__qualname__ == function.__code__.co_name == function.__name__
    if not top_level or path.suffix != ".py" or not function.__name__.isidentifier():
        return None
    return absolute(f"{path}:{function.__name__}") if _defines(path, function.__name__) else None


def _defines(path, name):
    """Whether a file has the function at its top level, outside any `if` or `try`."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in body)

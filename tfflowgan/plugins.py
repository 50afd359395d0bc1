"""Find and import the choices of a flag, which are the modules of a folder.

`--dataset=mnist` selects `tfflowgan/datasets/mnist.py`. To add a choice, add a file. Files whose
names begin with an underscore are not choices.
"""

import difflib
import importlib
import inspect
import pathlib
from types import ModuleType
from typing import Any

from tfflowgan.errors import UserError

__all__ = ["check", "load", "names", "options"]

_ROOT = pathlib.Path(__file__).parent


def names(folder: str) -> list[str]:
    """Returns the choices in `tfflowgan/FOLDER`, sorted, without importing them."""
    return sorted(p.stem for p in (_ROOT / folder).glob("*.py") if not p.stem.startswith("_"))


def load(folder: str, name: str, flag: str) -> ModuleType:
    """Imports and returns the module of a choice.

    Args:
      folder: a folder of `tfflowgan`, such as "datasets".
      name: one of `names(folder)`.
      flag: name of the flag, for the error message.

    Raises:
      UserError: there is no such choice.
    """
    check(folder, name, flag)
    return importlib.import_module(f"tfflowgan.{folder.replace('/', '.')}.{name}")


def options(folder: str, name: str, flag: str) -> dict[str, Any]:
    """Returns the options of a choice: the keyword arguments of its `build` with their defaults.

    Args:
      folder: a folder of `tfflowgan`, such as "flows".
      name: one of `names(folder)`.
      flag: name of the flag, for the error message.

    Raises:
      UserError: there is no such choice.
    """
    parameters = inspect.signature(load(folder, name, flag).build).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def check(folder: str, name: str, flag: str) -> None:
    """Raises `UserError`, naming the flag, unless `name` is one of `names(folder)`."""
    choices = names(folder)
    if name not in choices:
        close = difflib.get_close_matches(str(name), choices, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UserError(f"--{flag}={name} is not known{hint}; it can be {', '.join(choices)}.")

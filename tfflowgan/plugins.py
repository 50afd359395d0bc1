"""The flag's value is the file's name: choices are the modules of a folder, discovered and never listed.

`--dataset=mnist` is `tfflowgan/datasets/mnist.py`. Adding a choice is adding a file; a file whose name begins
with an underscore is not a choice.
"""

import difflib
import importlib
import inspect
import pathlib
from types import ModuleType

from tfflowgan.errors import UserError

__all__ = ["check", "load", "names", "options"]

_ROOT = pathlib.Path(__file__).parent


def names(folder: str) -> list[str]:
    """The choices in `tfflowgan/FOLDER`, sorted. Reads file names only and imports nothing."""
    return sorted(p.stem for p in (_ROOT / folder).glob("*.py") if not p.stem.startswith("_"))


def load(folder: str, name: str, flag: str) -> ModuleType:
    """Imports the module behind a choice.

    Args:
      folder: such as "datasets".
      name: one of `names(folder)`.
      flag: the flag that the choice came from, for the message.

    Returns:
      The module.

    Raises:
      UserError: no such choice.
    """
    check(folder, name, flag)
    return importlib.import_module(f"tfflowgan.{folder.replace('/', '.')}.{name}")


def options(folder: str, name: str, flag: str) -> dict:
    """What a choice can be asked for: the keyword arguments of its module's `build` with their defaults.

    Args:
      folder: such as "flows".
      name: one of `names(folder)`.
      flag: the flag that the choice came from, for the message.
    """
    parameters = inspect.signature(load(folder, name, flag).build).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def check(folder: str, name: str, flag: str) -> None:
    """Raises `UserError` unless `name` is one of `names(folder)`."""
    choices = names(folder)
    if name not in choices:
        close = difflib.get_close_matches(str(name), choices, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UserError(f"--{flag}={name} is not known{hint}; it can be {', '.join(choices)}.")

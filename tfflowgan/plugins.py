"""Choices are the modules of a folder, found and never listed: a flag's value is a file's name.

`--dataset=mnist` is `tfflowgan/datasets/mnist.py`. Adding a choice is adding a file. A file whose
name begins with an underscore is private to its folder and not a choice.

A choice's options are the arguments of its `build` that have a default; an evaluation's are the
keyword-only ones of its `evaluate`. They are read from the source, so that names, defaults and help
texts are known without importing TensorFlow.
"""

import ast
import dataclasses
import difflib
import functools
import importlib
import pathlib
from types import ModuleType
from typing import Any

from tfflowgan.errors import UserError

__all__ = ["Part", "check", "choose", "former", "load", "names", "options", "refuse_unknown"]

_ROOT = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Part:
    """A choice together with a value for each of its options.

    Attributes:
      folder: such as "flows".
      flag: the flag that names the choice, such as "flow".
      name: one of `names(folder)`.
      options: keyword arguments of the module's `build`, all of them.
    """

    folder: str
    flag: str
    name: str
    options: dict[str, Any]

    def build(self, *arguments: Any, **more: Any) -> Any:
        """Calls the module's `build` with these arguments and all options."""
        return load(self.folder, self.name, self.flag).build(*arguments, **more, **self.options)


def names(folder: str) -> list[str]:
    """Returns the choices in `tfflowgan/FOLDER`, sorted, without importing them."""
    return sorted(p.stem for p in (_ROOT / folder).glob("*.py") if not p.stem.startswith("_"))


def load(folder: str, name: str, flag: str) -> ModuleType:
    """Imports and returns the module of a choice.

    Args:
      folder: such as "datasets" or "avb/encoders".
      name: one of `names(folder)`.
      flag: the flag that the choice came from, for the message.

    Raises:
      UserError: there is no such choice.
    """
    check(folder, name, flag)
    return importlib.import_module(f"tfflowgan.{folder.replace('/', '.')}.{name}")


def options(folder: str, name: str, flag: str, function: str = "build") -> dict[str, Any]:
    """A choice's options with their defaults.

    Args:
      folder: a folder of `tfflowgan`, such as "flows".
      name: one of `names(folder)`.
      flag: the flag that the choice came from, for the message.
      function: whose arguments they are.

    Raises:
      UserError: there is no such choice.
    """
    check(folder, name, flag)
    return dict(_defaults(_ROOT / folder / f"{name}.py", function))


def choose(folder: str, name: str, flag: str, chosen: dict[str, Any]) -> Part:
    """A choice with the given options; the others have their defaults.

    Args:
      folder: such as "flows".
      name: one of `names(folder)`.
      flag: the flag that the choice came from, for messages.
      chosen: options by name.

    Raises:
      UserError: there is no such choice, or it has no such option.
    """
    known = options(folder, name, flag)
    return Part(folder, flag, name, known | refuse_unknown(chosen, known, f"--{flag}={name}"))


def former(folder: str, name: str, written: int) -> dict[str, Any]:
    """What options that a file lacks meant to the version that wrote it.

    A part whose options or defaults have changed says so by a literal at the top of its module,
    from a format (see `tfflowgan.config.FORMAT`) to values by option:

        FORMER = {1: {"norm": "none"}}

    Args:
      folder: such as "flows".
      name: one of `names(folder)`.
      written: the format of the file.
    """
    for node in _tree(_ROOT / folder / f"{name}.py").body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "FORMER":
            return ast.literal_eval(node.value).get(written, {})
    return {}


def refuse_unknown(chosen: dict[str, Any], known: dict[str, Any], part: str) -> dict[str, Any]:
    """Returns `chosen`; raises `UserError` for a name that is not among the `known` options."""
    for key in chosen:
        if key not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no such options"
            raise UserError(f"--{key} does not apply to {part}, which {takes}.")
    return chosen


def check(folder: str, name: str, flag: str) -> None:
    """Raises `UserError`, naming the flag, unless `name` is one of `names(folder)`."""
    choices = names(folder)
    if name not in choices:
        close = difflib.get_close_matches(str(name), choices, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UserError(f"--{flag}={name} is not known{hint}; it can be {', '.join(choices)}.")


@functools.cache
def _defaults(path: pathlib.Path, function: str) -> dict[str, Any]:
    """A function's keyword-only arguments, or else those with a default; all are literals."""
    nodes = [n for n in _tree(path).body if isinstance(n, ast.FunctionDef)]
    (found,) = [node.args for node in nodes if node.name == function]
    if found.kwonlyargs:
        pairs = zip(found.kwonlyargs, found.kw_defaults, strict=True)
    else:
        pairs = zip(
            found.args[len(found.args) - len(found.defaults) :], found.defaults, strict=True
        )
    return {argument.arg: ast.literal_eval(default) for argument, default in pairs if default}


@functools.cache
def _tree(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))

"""Choices are the modules of a folder, found and never listed: a flag's value is a file's name.

`--dataset=mnist` is `tfflowgan/datasets/mnist.py`. Adding a choice is adding a file. A file whose
name begins with an underscore is private to its folder and not a choice.

A choice's options are the arguments of its `build` that have a default; an evaluation's are the
keyword-only ones of its `evaluate`. They are read from the source, so that names, defaults and help
texts are known without importing TensorFlow.

In the folders `OPEN`, a choice can also be the user's own: a function of a file, named
`my_flow.py:build` (see `tfflowgan.own_code`), or in Python the function itself.
"""

import ast
import dataclasses
import difflib
import functools
import importlib
import inspect
import pathlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from tfflowgan import own_code
from tfflowgan.errors import UserError

__all__ = ["OPEN", "Choice", "Part", "attribute", "check", "choose", "former", "function"]
__all__ += ["literal", "load"]
__all__ += ["names", "options", "refuse_own", "refuse_unknown", "title", "written"]

Choice = str | Callable[..., Any]  # a file's name, FILE.py:FUNCTION, or a function

OPEN = ("flows", "generators", "critics", "objectives", "datasets", "evaluation")
_OF_CODE = ("network",)  # options whose values are functions
_ROOT = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Part:
    """A choice together with a value for each of its options.

    Attributes:
      folder: such as "flows".
      flag: the flag that names the choice, such as "flow".
      name: one of `names(folder)`, `FILE.py:FUNCTION` or a function.
      options: keyword arguments of the choice's `build`, all of them.
    """

    folder: str
    flag: str
    name: Choice
    options: dict[str, Any]

    def loaded(self) -> "Part":
        """The same part with functions in place of their names; executes the files that it names.

        Raises:
          UserError: a file may not be executed, or cannot be.
        """
        own = own_code.is_code(self.name)
        name = function(self.folder, self.name, self.flag) if own else self.name
        values = {
            option: own_code.function(value, option)
            for option, value in self.options.items()
            if option in _OF_CODE and own_code.is_code(value)
        }
        return dataclasses.replace(self, name=name, options=self.options | values)

    def build(self, *arguments: Any, **more: Any) -> Any:
        """Calls the choice's `build` with these arguments and all options.

        A function of the user's own gets those of `more` that it takes.
        """
        part = self.loaded()
        if callable(part.name):
            more = {name: value for name, value in more.items() if _takes(part.name, name)}
            return part.name(*arguments, **more, **part.options)
        module = load(self.folder, part.name, self.flag)
        return module.build(*arguments, **more, **part.options)


def names(folder: str) -> list[str]:
    """Returns the choices in `tfflowgan/FOLDER`, sorted, without importing them."""
    return sorted(p.stem for p in (_ROOT / folder).glob("*.py") if not p.stem.startswith("_"))


def load(folder: str, name: str, flag: str) -> ModuleType:
    """Imports and returns the module of a choice.

    Args:
      folder: such as "datasets" or "avb/encoders".
      name: one of `names(folder)`, or `FILE.py:FUNCTION`.
      flag: the flag that the choice came from, for the message.

    Raises:
      UserError: there is no such choice, or its file may not be executed.
    """
    check(folder, name, flag)
    if own_code.is_code(name):
        return own_code.module(name, flag)
    return importlib.import_module(f"tfflowgan.{folder.replace('/', '.')}.{name}")


def function(folder: str, name: Choice, flag: str, usual: str = "build") -> Callable[..., Any]:
    """The function that makes a choice's part.

    Args:
      folder: such as "datasets".
      name: one of `names(folder)`, `FILE.py:FUNCTION`, or the function itself.
      flag: the flag that the choice came from, for the message.
      usual: the function's name in the package's own modules.

    Raises:
      UserError: there is no such choice, or its file may not be executed.
    """
    if callable(name):
        return name
    module = load(folder, name, flag)
    return getattr(module, own_code.split(name)[1] if own_code.is_code(name) else usual)


def attribute(folder: str, name: Choice, flag: str, constant: str, default: Any) -> Any:
    """What a choice's module says of itself by a constant, such as FLIPS; else the default."""
    if callable(name):
        return getattr(name, constant, default)
    return getattr(load(folder, name, flag), constant, default)


def options(folder: str, name: Choice, flag: str, function: str = "build") -> dict[str, Any]:
    """A choice's options with their defaults.

    Args:
      folder: a folder of `tfflowgan`, such as "flows".
      name: one of `names(folder)`, `FILE.py:FUNCTION`, or a function.
      flag: the flag that the choice came from, for the message.
      function: whose arguments they are, in the package's own modules.

    Raises:
      UserError: there is no such choice.
    """
    keyword_only = function == "evaluate"
    if callable(name):
        return _signature(name, keyword_only)
    check(folder, name, flag)
    if own_code.is_code(name):
        return own_code.defaults(name, flag, keyword_only)
    return dict(_defaults(_ROOT / folder / f"{name}.py", function))


def choose(folder: str, name: Choice, flag: str, chosen: dict[str, Any]) -> Part:
    """A choice with the given options; the others have their defaults.

    Args:
      folder: such as "flows".
      name: one of `names(folder)`, `FILE.py:FUNCTION`, or a function.
      flag: the flag that the choice came from, for messages.
      chosen: options by name.

    Raises:
      UserError: there is no such choice, or it has no such option.
    """
    known = options(folder, name, flag)
    if isinstance(name, str) and own_code.is_code(name):
        name = own_code.absolute(name)
    return Part(
        folder, flag, name, known | refuse_unknown(chosen, known, f"--{flag}={title(name)}")
    )


def former(folder: str, name: Choice, written: int) -> dict[str, Any]:
    """What options that a file lacks meant to the version that wrote it.

    A part whose options or defaults have changed says so by a module-level literal, from the last
    format with these values (see `tfflowgan.config.FORMAT`) to values by option:

        FORMER = {3: {"norm": "none"}}

    Args:
      folder: such as "flows".
      name: one of `names(folder)`; the user's own code has no former meaning.
      written: the format of the file.
    """
    values = literal(folder, name, "FORMER", {})
    found: dict[str, Any] = {}
    for last in sorted(values, reverse=True):
        found |= values[last] if written <= last else {}
    return found


def literal(folder: str, name: Choice, constant: str, default: Any) -> Any:
    """The value of a module-level literal of the package, read without importing the module.

    Args:
      folder: such as "flows".
      name: one of `names(folder)`; the user's own code has the default.
      constant: the name of the literal, such as "FORMER".
      default: the value where there is no such literal or module.
    """
    if not isinstance(name, str) or name not in names(folder):
        return default
    for node in _tree(_ROOT / folder / f"{name}.py").body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == constant:
            return ast.literal_eval(node.value)
    return default


def title(name: Choice) -> str:
    """What messages call a choice."""
    if isinstance(name, str):
        return name
    return own_code.name_of(name) or getattr(name, "__qualname__", type(name).__name__)


def written(value: Any) -> Any:
    """What a file holds in place of an option's value or a choice's name.

    Returns:
      For a function, `FILE.py:FUNCTION` if it can be loaded by that, else {"python": its name}; the
      value itself for anything else.
    """
    if not callable(value):
        return value
    return own_code.name_of(value) or {"python": title(value)}


def refuse_unknown(chosen: dict[str, Any], known: dict[str, Any], part: str) -> dict[str, Any]:
    """Returns `chosen`; raises `UserError` for a name that is not among the `known` options."""
    for key in chosen:
        if key not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no such options"
            raise UserError(f"--{key} does not apply to {part}, which {takes}.")
    return chosen


def refuse_own(name: str, flag: str, command: str) -> None:
    """Raises `UserError` if a name is `FILE.py:FUNCTION`, for commands that keep no checksum."""
    if own_code.is_code(name):
        raise UserError(
            f"--{flag}={name} is a file of code, which {command} does not take; it can be one of "
            "the values that --help lists."
        )


def check(folder: str, name: Choice, flag: str) -> None:
    """Raises `UserError`, naming the flag, unless `name` is a choice of the folder."""
    if folder in OPEN and (callable(name) or own_code.is_code(name)):
        if isinstance(name, str):
            own_code.check(name, flag)
        return
    choices = names(folder)
    if name not in choices:
        close = difflib.get_close_matches(str(name), choices, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        own = ", or FILE.py:FUNCTION" if folder in OPEN else ""
        raise UserError(f"--{flag}={name} is not known{hint}; it can be {', '.join(choices)}{own}.")


def _takes(function, name):
    """Whether a function has an argument of that name, or takes any."""
    parameters = inspect.signature(function).parameters
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _signature(function, keyword_only):
    """The arguments of a function whose default is a plain value, as in `own_code.defaults`."""
    kinds = [inspect.Parameter.KEYWORD_ONLY]
    kinds += [] if keyword_only else [inspect.Parameter.POSITIONAL_OR_KEYWORD]
    parameters = inspect.signature(function).parameters.values()
    plain = (bool, int, float, str, tuple, list, type(None))
    return {p.name: p.default for p in parameters if p.kind in kinds and type(p.default) in plain}


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

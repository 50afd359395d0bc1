"""Executing a file, once per content, and getting a function from it."""

import hashlib
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.own_code._consent import require, source
from tfflowgan.own_code._names import split
from tfflowgan.own_code._source import check

__all__ = ["function", "module"]


def function(name: str, flag: str) -> Callable[..., Any]:
    """The function that a name names; executes its file if that is allowed here.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for messages.

    Raises:
      UserError: see `module`.
    """
    return getattr(module(name, flag), split(name)[1])


def module(name: str, flag: str) -> types.ModuleType:
    """The executed file of a name. A file that was executed before, unchanged, is not again.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for messages.

    Raises:
      UserError: the file may not be executed here, cannot be read, defines no such function, or
        raises an error.
    """
    require(name, flag)
    check(name, flag)
    path, _ = split(name)
    text = source(name, flag)
    digest = hashlib.sha256(str(path).encode() + b"\0" + text).hexdigest()[:16]
    title = f"tfflowgan_own_code_{path.stem}_{digest}"
    if title in sys.modules:
        return sys.modules[title]
    made = types.ModuleType(title)
    made.__file__ = str(path)
    sys.modules[title] = made  # dataclasses look their module up there
    try:
        exec(compile(text, str(path), "exec"), made.__dict__)
    except BaseException as error:
        del sys.modules[title]
        if not isinstance(error, Exception):
            raise
        lines = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
        ]
        where = f", line {lines[-1]}" if lines else ""
        raise UserError(
            f"--{flag}={name} cannot be executed: {type(error).__name__}{where}: {error}."
        ) from error
    return made

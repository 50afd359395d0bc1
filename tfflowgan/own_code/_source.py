"""What the source of a file says of its functions, without executing it."""

import ast
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.own_code._consent import source
from tfflowgan.own_code._names import split

__all__ = ["check", "defaults"]


def check(name: str, flag: str) -> ast.arguments:
    """Checks that a file defines the function that a name names.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for messages.

    Returns:
      The function's arguments.

    Raises:
      UserError: the file cannot be read, is not Python, or has no such function at its top level.
    """
    path, function = split(name)
    try:
        tree = ast.parse(source(name, flag), str(path))
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise UserError(f"--{flag}={name} is not valid Python{line}: {reason}.") from None
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in found:
        there = f"; it defines {', '.join(found)}" if found else ""
        raise UserError(f"--{flag}={name}: {path.name} defines no function {function}{there}.")
    return found[function].args


def defaults(name: str, flag: str, keyword_only: bool = False) -> dict[str, Any]:
    """The options of a function with their defaults.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for messages.
      keyword_only: whether arguments before a `*` are no options.

    Returns:
      The arguments whose default is a literal, such as a number, a text, a truth value, None or a
      tuple of these. Any other default cannot be changed from outside.

    Raises:
      UserError: see `check`.
    """
    arguments = check(name, flag)
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    pairs = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    if not keyword_only:
        pairs = [*zip(positional[first:], arguments.defaults, strict=True), *pairs]
    found = {}
    for argument, default in pairs:
        if default is not None:
            try:
                found[argument.arg] = ast.literal_eval(default)
            except ValueError:
                continue
    return found

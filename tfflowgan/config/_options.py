"""Settings that are texts of several values.

--options=depth=3,mode=fast    of parts in files of the user's own: Python literals; `true`,
                               `false` and a bare word, which is a text, are understood too
--snapshots=100,0:1000:200     steps, and ranges of steps
"""

import ast
from typing import Any

from tfflowgan.errors import UserError

__all__ = ["check_type", "format_options", "parse_options", "parse_steps"]

_WORDS = {"true": True, "false": False}


def parse_options(text: str | None) -> dict[str, Any]:
    """The values by name.

    Args:
      text: NAME=VALUE, separated by commas, or None for no options.

    Raises:
      UserError: the text is something else, or gives an option twice.
    """
    try:
        call = ast.parse(f"f({text or ''})", mode="eval").body
        if not isinstance(call, ast.Call) or call.args or not isinstance(call.func, ast.Name):
            raise ValueError
        found = {}
        for keyword in call.keywords:
            if keyword.arg is None or keyword.arg in found:
                raise ValueError
            found[keyword.arg] = _value(keyword.value)
        return found
    except (SyntaxError, ValueError):
        raise UserError(
            f"--options={text} must list NAME=VALUE, such as depth=3,rate=0.5,mode=fast."
        ) from None


def format_options(options: dict[str, Any]) -> str | None:
    """The text that `parse_options` reads, in the order of the names; None without options."""
    return ",".join(f"{name}={options[name]!r}" for name in sorted(options)) or None


def check_type(name: str, value: Any, default: Any) -> None:
    """Checks that a value has the type of the option's default.

    Args:
      name: of the option.
      value: what `--options` says.
      default: of the option; None accepts any value.

    Raises:
      UserError: it has another type.
    """
    expected = type(default)
    fits = type(value) is expected or (expected is float and type(value) is int)
    if default is not None and not fits:
        raise UserError(
            f"--options={name}={value!r} has the wrong type; {name} must be {expected.__name__}, "
            f"such as {default!r}."
        )


def _value(node):
    if isinstance(node, ast.Name):
        return _WORDS.get(node.id, node.id)
    return ast.literal_eval(node)


def parse_steps(text: str | None) -> list[int]:
    """The steps that `--snapshots` lists: numbers, and ranges first:last:every with both ends.

    Raises:
      UserError: it lists something else.
    """
    steps: set[int] = set()
    for part in text.split(",") if text else []:
        numbers = part.split(":")
        whole = len(numbers) in (1, 3) and all(number.isdecimal() for number in numbers)
        if not whole or (len(numbers) == 3 and int(numbers[2]) == 0):
            raise UserError(
                f"--snapshots={text} must list steps, such as 100,200 or 0:1000:100 (first, last, "
                "every)."
            )
        first, last, every = map(int, numbers if len(numbers) == 3 else (part, part, 1))
        if (last - first) // every >= 10_000:
            raise UserError(f"--snapshots={text} lists more than 10,000 steps.")
        steps |= set(range(first, last + 1, every))
    return sorted(steps)

"""Settings: typed fields that know their help text, range and fallback; one set over another."""

import dataclasses
import math
import types
import typing
from typing import Any, Literal

from tfflowgan.errors import UserError

__all__ = ["check_value", "choices", "lay", "setting", "value_type"]

_LENGTHS = ("epochs", "steps")  # a run has one of them


def setting(
    default: Any,
    text: str,
    group: str,
    *,
    fallback: Any = None,
    positive: bool = False,
    changeable: bool = False,
    former: dict[int, Any] | None = None,
) -> Any:
    """A setting.

    Args:
      default: its value where none is given; None leaves the choice to `resolve`.
      text: for `--help`.
      group: of flags.
      fallback: what `resolve` fills in where the setting applies.
      positive: whether it must be greater than 0.
      changeable: whether a run may continue with another value.
      former: what a file means where the key is absent or null, if not today's default, by the last
        format that meant it.
    """
    metadata = {"help": text, "group": group, "fallback": fallback, "positive": positive}
    metadata |= {"changeable": changeable, "former": former or {}}
    return dataclasses.field(default=default, metadata=metadata)


def choices(field: dataclasses.Field) -> tuple[str, ...]:
    """The values of a field that is a closed choice; none for other fields."""
    for option in _alternatives(field):
        if typing.get_origin(option) is Literal:
            return typing.get_args(option)
    return ()


def value_type(field: dataclasses.Field) -> type:
    """The type of a field's values, without None."""
    if choices(field):
        return str
    return next(t for t in _alternatives(field) if t is not types.NoneType)


def _alternatives(field: dataclasses.Field) -> tuple[Any, ...]:
    union = isinstance(field.type, types.UnionType) or typing.get_origin(field.type) is typing.Union
    return typing.get_args(field.type) if union else (field.type,)


def check_value(field: dataclasses.Field, value: Any) -> None:
    """Raises `UserError` unless a value has its field's type, range and, if closed, choices."""
    optional = types.NoneType in _alternatives(field)
    if value is None and optional:
        return
    _check_type(field, value, optional)
    _check_range(field, value)


def _check_type(field, value, optional):
    expected = value_type(field)
    fits = isinstance(value, expected) or (expected is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and expected is not bool):
        null = " or null" if optional else ""
        raise UserError(
            f"{field.name}={value!r} has the wrong type; it must be {expected.__name__}{null}."
        )


def _check_range(field, value):
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"--{field.name}={value} must be a finite number.")
    if field.metadata["positive"] and not value > 0:
        raise UserError(f"--{field.name}={value} must be greater than 0.")
    if choices(field) and value not in choices(field):
        raise UserError(
            f"--{field.name}={value} is not known; it can be {', '.join(choices(field))}."
        )


def lay(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Lays settings over others. Epochs in one of them take the place of steps in the other."""
    if any(changes.get(name) is not None for name in _LENGTHS):
        base = {name: value for name, value in base.items() if name not in _LENGTHS}
    return base | changes

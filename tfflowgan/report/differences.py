"""In which settings runs differ, and how that is said in few words."""

import dataclasses
import difflib
import itertools
from typing import Any

from tfflowgan import own_code
from tfflowgan.config import Config
from tfflowgan.errors import UserError

__all__ = ["differing", "labels", "series", "setting", "shown", "untold"]

_FIELDS = {field.name: field for field in dataclasses.fields(Config)}
_FEW = 3  # settings in a label; beyond, the run's name says more
_ROUNDING = {"tf32"}  # may change when a run goes on, and changes its numbers


def differing(runs: list[dict]) -> list[str]:
    """The settings in which runs differ, without those that change no number.

    A preset is named only if nothing else differs, since the settings that it stands for do.
    """
    names = [name for name in _names(runs) if len({repr(_get(run, name)) for run in runs}) > 1]
    return [name for name in names if name != "preset"] or names


def setting(name: str, runs: list[dict]) -> list[Any]:
    """The value of a setting in every run; None where it does not apply.

    Raises:
      UserError: there is no such setting, or no run has a value for it.
    """
    there = f"these differ between the runs: {', '.join(differing(runs)) or 'none'}."
    known = dict.fromkeys([*_FIELDS, *(key for run in runs for key in run["config"])])
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise UserError(f"--x={name} is not a setting of a run{hint}; {there}")
    values = [_get(run, name) for run in runs]
    if all(value is None for value in values):
        raise UserError(f"--x={name} has no value in any of these runs; {there}")
    return values


def labels(runs: list[dict]) -> list[str]:
    """A label for each run: the settings in which it differs if they are few, else its name."""
    names = differing(runs)
    texts = [_text(run, names) for run in runs]
    few = 0 < len(names) <= _FEW and len(set(texts)) == len(texts)
    return texts if few else [run["label"] for run in runs]


def series(runs: list[dict], x: str) -> dict[str, list[dict]]:
    """Groups runs that differ only in x, in the seed, and in what follows from x.

    A setting follows from x if no two runs with the same x differ in it, as the warm-up follows
    from the batch size. Where no two runs have the same x, this cannot be told: see `untold`.

    Args:
      runs: with a value for x.
      x: a setting.

    Returns:
      The runs by a label that says what differs between the groups; "" for a single group.
    """
    names = _beside(runs, x)
    same_x = [
        list(group)
        for _, group in itertools.groupby(
            sorted(runs, key=lambda run: repr(_get(run, x))), lambda run: repr(_get(run, x))
        )
    ]
    splitting = [
        name
        for name in names
        if any(len({repr(_get(run, name)) for run in group}) > 1 for group in same_x)
    ]
    groups = {}
    for run in runs:
        groups.setdefault(_text(run, splitting), []).append(run)
    if len(splitting) > _FEW:
        return {members[0]["label"]: members for members in groups.values()}
    return groups


def untold(runs: list[dict], x: str) -> list[str]:
    """The settings that differ beside x, if no two runs have the same x.

    Each run is then a case of its own, as in a random search, and a line through them would show
    as the effect of x what may be that of these settings.

    Args:
      runs: with a value for x.
      x: a setting.
    """
    values = {repr(_get(run, x)) for run in runs}
    return _beside(runs, x) if len(values) == len(runs) else []


def shown(value: Any) -> str:
    """A setting's value as text."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return own_code.label(value) if isinstance(value, str) else str(value)


def _beside(runs, x):
    """The settings in which runs differ, other than x and the seed."""
    return [name for name in differing(runs) if name not in (x, "seed")]


def _names(runs):
    """All settings of the runs that may change a number."""
    keys = dict.fromkeys(key for run in runs for key in run["config"])
    free = {name for name, field in _FIELDS.items() if field.metadata["changeable"]}
    return [key for key in keys if key not in (free - _ROUNDING) | {"format", "code"}]


def _get(run, name):
    return run["config"].get(name)


def _text(run, names):
    return ", ".join(f"{name}={shown(_get(run, name))}" for name in names)

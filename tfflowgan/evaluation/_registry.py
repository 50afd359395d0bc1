"""Evaluations: each takes a flow (or generator, or run) and splits, and returns a plain dict of values, errors and settings.

The first parameters of an evaluation are what it judges, by name: flow, generator, run, dtype, splits, loop; the rest are
its options.
"""

import inspect

from tfflowgan import plugins

__all__ = ["is_long", "names", "options", "subjects"]

SUBJECTS = ("flow", "generator", "run", "dtype", "splits", "loop")


def names() -> list[str]:
    """All evaluations."""
    return plugins.names("evaluation")


def options(name: str) -> dict:
    """What an evaluation can be asked for: its options with their defaults."""
    return {p.name: p.default for p in _parameters(name) if p.name not in SUBJECTS}


def subjects(name: str) -> list[str]:
    """What an evaluation judges: some of "flow", "generator", "run", "dtype", "splits", "loop"."""
    return [p.name for p in _parameters(name) if p.name in SUBJECTS]


def is_long(name: str) -> bool:
    """Whether an evaluation takes many minutes where others take one: its module says so by LONG."""
    return getattr(plugins.load("evaluation", name, "evaluations"), "LONG", False)


def _parameters(name):
    return inspect.signature(plugins.load("evaluation", name, "evaluations").evaluate).parameters.values()

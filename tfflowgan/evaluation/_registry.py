"""Evaluations: each takes a flow (or generator, or run) and splits, and returns a plain dict of values, errors and settings.

The first parameters of an evaluation are what it judges, by name: flow, generator, run, dtype, splits, loop; the rest are
its options.
"""

import inspect
from typing import Any

from tfflowgan import plugins

__all__ = ["is_long", "names", "options", "subjects"]


def names() -> list[str]:
    """All evaluations."""
    return plugins.names("evaluation")


def options(name: str) -> dict[str, Any]:
    """An evaluation's options with their defaults: the keyword-only arguments of `evaluate`."""
    return plugins.options("evaluation", name, "evaluations", "evaluate")


def subjects(name: str) -> list[str]:
    """What an evaluation judges: some of "flow", "generator", "run", "dtype", "splits", "loop"."""
    evaluate = plugins.load("evaluation", name, "evaluations").evaluate
    parameters = inspect.signature(evaluate).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]


def is_long(name: str) -> bool:
    """Whether an evaluation takes many minutes where others take one: its module says so by LONG."""
    return getattr(plugins.load("evaluation", name, "evaluations"), "LONG", False)

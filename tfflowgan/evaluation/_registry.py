"""The registry of evaluations: their names, their options and what they evaluate.

The positional parameters of an evaluation name what it evaluates: flow, generator, run, dtype,
splits, loop. Its keyword-only parameters are its options.
"""

import inspect
from typing import Any

from tfflowgan import plugins

__all__ = ["is_long", "names", "options", "inputs"]


def names() -> list[str]:
    """The names of all evaluations."""
    return plugins.names("evaluation")


def options(name: str) -> dict[str, Any]:
    """An evaluation's options with their defaults: the keyword-only parameters of `evaluate`."""
    return plugins.options("evaluation", name, "evaluations", "evaluate")


def inputs(name: str) -> list[str]:
    """What an evaluation needs: some of "flow", "generator", "run", "dtype", "splits", "loop"."""
    evaluate = plugins.load("evaluation", name, "evaluations").evaluate
    parameters = inspect.signature(evaluate).parameters.values()
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]


def is_long(name: str) -> bool:
    """Whether an evaluation takes many minutes rather than about one: its module sets LONG."""
    return getattr(plugins.load("evaluation", name, "evaluations"), "LONG", False)

"""The registry of evaluations: their names, their options and what they evaluate.

The positional parameters of an evaluation name what it evaluates: flow, generator, run, dtype,
splits, loop. Its keyword-only parameters are its options. An evaluation of the user's own is
`FILE.py:FUNCTION`, or in Python the function itself.
"""

import inspect
import re
from typing import Any

from tfflowgan import own_code, plugins
from tfflowgan.errors import UserError
from tfflowgan.plugins import Choice

__all__ = ["INPUTS", "inputs", "is_long", "label", "names", "options"]

INPUTS = ("flow", "generator", "run", "dtype", "splits", "loop")


def names() -> list[str]:
    """The names of all evaluations."""
    return plugins.names("evaluation")


def label(name: Choice) -> str:
    """What the files of an evaluation's results are called.

    Raises:
      UserError: an evaluation of the user's own has the name of one of the package.
    """
    if isinstance(name, str) and not own_code.is_code(name):
        return name
    found = re.sub(r"\W", "_", own_code.label(plugins.title(name)))
    if found in names():
        raise UserError(
            f"--evaluations={plugins.title(name)} has the name of the evaluation {found}, whose "
            "results it would replace; rename the file."
        )
    return found


def options(name: Choice) -> dict[str, Any]:
    """An evaluation's options with their defaults: the keyword-only parameters of `evaluate`."""
    return plugins.options("evaluation", name, "evaluations", "evaluate")


def inputs(name: Choice) -> list[str]:
    """What an evaluation needs: some of `INPUTS`.

    Raises:
      UserError: an evaluation of the user's own needs something else.
    """
    evaluate = plugins.function("evaluation", name, "evaluations", "evaluate")
    parameters = inspect.signature(evaluate).parameters.values()
    found = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    for needed in found:
        if needed not in INPUTS:
            raise UserError(
                f"--evaluations={plugins.title(name)} has the argument {needed}; arguments before "
                f"a * can be {', '.join(INPUTS)}, and options come after it."
            )
    return found


def is_long(name: Choice) -> bool:
    """Whether an evaluation takes many minutes rather than about one: its module sets LONG."""
    return plugins.attribute("evaluation", name, "evaluations", "LONG", False)

"""Numbers known of runs, by the names that `--y` takes.

test_nll, mode_score, fid, ...  of `bin/evaluate`, with their standard errors
EVALUATION.PATH                 any number of a result, as in critic_distance.overfitting_gap
last_NAME                       the last value of a column of metrics.jsonl
best_NAME                       its best value, where lower or higher is better
NAME                            of `bin/evaluate` if a run has it, else last_NAME
"""

import dataclasses
import difflib
import math
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.report.columns import best

__all__ = ["Number", "Numbers"]

_SPLITS = ("train", "validation", "test", "own_samples")
_SHORT = {
    **{f"{split}_nll": f"likelihood.{split}.nll" for split in _SPLITS},
    **{f"{split}_bits_per_dim": f"likelihood.{split}.bits_per_dim" for split in _SPLITS},
    **{
        name: f"sample_scores.samples.{name}"
        for name in ("inception_score", "mode_score", "fid", "kid")
    },
}
_RECORDED = ("options", "weights", "data", "provenance", "pictures", "arrays", "code", "key")
_HEADLINE = ("test_nll", "test_bits_per_dim", "mode_score", "inception_score", "fid", "kid")
_WITHOUT_RESULTS = ("validation_nll", "mode_score", "inception_score", "distance", "loss")


@dataclasses.dataclass(frozen=True)
class Number:
    """A number of a run.

    Attributes:
      value: it.
      error: its standard error, or None.
      source: where it is from.
    """

    value: float
    error: float | None
    source: str


class Numbers:
    """All numbers of some runs."""

    def __init__(self, runs: list[dict]) -> None:
        """Collects them.

        Args:
          runs: as `read_run` returns them.
        """
        self._known = [_known(run) for run in runs]

    def of(self, name: str) -> list[Number | None]:
        """A number of every run, from one source; None where a run does not have it.

        Args:
          name: see above.

        Raises:
          UserError: no run has such a number.
        """
        for path in (_SHORT.get(name, name), name, f"last_{name}"):
            if any(path in numbers for numbers in self._known):
                return [numbers.get(path) for numbers in self._known]
        raise UserError(_refusal(name, self._known))

    def headline(self) -> list[str]:
        """A likelihood and a score, if the runs have them, else what training has measured."""
        here = self._paths()
        evaluated = [name for name in _HEADLINE if _SHORT[name] in here]
        if evaluated:
            scores = [name for name in evaluated if name.endswith("score")]
            return [name for name in evaluated if name == "test_nll"] + scores[:1] or evaluated[:2]
        return [name for name in _WITHOUT_RESULTS if f"last_{name}" in here][:2]

    def all(self) -> list[str]:
        """Every short name and every column that the runs have."""
        here = self._paths()
        columns = [path for path in here if path.startswith(("last_", "best_"))]
        return [*(name for name in _SHORT if _SHORT[name] in here), *sorted(columns)]

    def _paths(self):
        return {path for numbers in self._known for path in numbers}


def _known(run):
    """All numbers of a run, by their full names."""
    found: dict[str, Number] = {}
    for name in dict.fromkeys(name for row in run["rows"] for name in row):
        last, most = run["rows"][-1].get(name), best(run["rows"], name)
        for kind, value in (("last", last), ("best", most)):
            if value is not None and _is_number(value):
                source = f"metrics.jsonl, the {kind} value"
                found[f"{kind}_{name}"] = Number(float(value), None, source)
    for name, result in run["results"].items():
        inside = {key: value for key, value in result.items() if key not in _RECORDED}
        source = f"bin/evaluate --evaluations={name}"
        found |= dict(_flattened(name, inside, source))
    return found


def _flattened(path, value: Any, source):
    if isinstance(value, dict):
        if {"value", "standard_error"} <= value.keys():
            if _is_number(value["value"]):
                error = value["standard_error"]
                number = Number(value["value"], error if _is_number(error) else None, source)
                yield path, number
            return
        for key, inner in value.items():
            yield from _flattened(f"{path}.{key}", inner, source)
    elif _is_number(value):
        yield path, Number(float(value), None, source)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refusal(name, known):
    paths = {path for numbers in known for path in numbers}
    short = [short for short, path in _SHORT.items() if path in paths]
    columns = sorted(p.removeprefix("last_") for p in paths if p.startswith("last_"))
    if name in _SHORT:
        evaluation = _SHORT[name].partition(".")[0]
        start = f"--y={name} is not known of these runs; bin/evaluate --evaluations={evaluation}"
        start += " finds it"
    else:
        close = difflib.get_close_matches(name, [*short, *columns, *sorted(paths)], n=1)
        start = f"--y={name} is not a number of these runs"
        start += f" (did you mean {close[0]}?)" if close else ""
    listed = ", ".join(dict.fromkeys([*short, *columns])) or "nothing yet"
    return (
        f"{start}; known are {listed}, each column of metrics.jsonl also as last_NAME, and as "
        "best_NAME where lower or higher is better, and numbers of results by their path, such as "
        "sample_scores.test.mode_score."
    )

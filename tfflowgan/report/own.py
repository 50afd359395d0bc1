"""Results of an evaluation of the user's own: its numbers and texts, one column each."""

from tfflowgan.report.format import value

__all__ = ["figure", "notes", "table"]

_RECORDED = (  # of every result, and no part of what the evaluation returned
    *("format", "evaluation", "key", "run", "weights", "options", "data", "provenance", "code"),
    *("pictures", "arrays"),
)


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run. A dict with a "value" and a "standard_error" is a number with its error."""
    found = {label: _cells(result) for label, result in results.items()}
    header = list(dict.fromkeys(name for cells in found.values() for name in cells))
    rows = [[label, *(cells.get(n, "-") for n in header)] for label, cells in found.items()]
    return ["run", *header], rows


def figure(results: dict[str, dict]) -> None:
    """None: only the evaluation knows what to draw; it can return pictures."""


def notes(results: dict[str, dict]) -> list[str]:
    """The file of the evaluation."""
    files = [path for result in results.values() for path in result.get("code", {})]
    return [f"Evaluated by {path}." for path in dict.fromkeys(files)]


def _cells(result):
    cells = {}
    for name, found in result.items():
        if name in _RECORDED:
            continue
        if isinstance(found, dict) and {"value", "standard_error"} <= found.keys():
            cells[name] = value(found)
        elif isinstance(found, float):
            cells[name] = f"{found:.6g}"
        elif isinstance(found, int | str):
            cells[name] = str(found)
    return cells

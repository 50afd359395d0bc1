"""The table of the columns of `metrics.jsonl`, from `tfflowgan.report.columns`."""

from tfflowgan.report.columns import COLUMNS

__all__ = ["table"]


def table() -> str:
    """The table in Markdown."""
    lines = ["| column | what | unit | when | better |", "|---|---|---|---|---|"]
    for column in COLUMNS.values():
        cells = [f"`{column.name}`", column.text, column.unit, column.when, column.better or ""]
        lines.append(f"| {' | '.join(_cell(text) for text in cells)} |")
    return "\n".join(lines)


def _cell(text):
    """A flag as code, and no bar that would end the cell."""
    words = [f"`{word}`" if word.startswith("--") else word for word in text.split()]
    return " ".join(words).replace("|", "\\|")

"""Tables that stand in pages and are read from the code: `python -m docs.generate.tables`.

They stand between two marks, so that the page can be read in the repository too. A test compares
them with the code.
"""

import functools
import pathlib
import re

from docs.generate import columns, signatures

__all__ = ["TABLES", "fill", "main"]

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = {
    "docs/reference/files.md": columns.table,
    "docs/reference/signatures.md": signatures.table,
}
_MARKED = re.compile(r"(<!-- table -->\n\n).*?(\n\n<!-- end of table -->)", re.S)


def fill(name: str) -> str:
    """A page with its table as it should be."""
    put = functools.partial(_between, TABLES[name]())
    text, count = _MARKED.subn(put, (ROOT / name).read_text())
    if count != 1:
        raise ValueError(f"{name} has {count} places for a table, not one.")
    return text


def main() -> None:
    """Writes every table into its page."""
    for name in TABLES:
        (ROOT / name).write_text(fill(name))


def _between(table, marks):
    return marks[1] + table + marks[2]


if __name__ == "__main__":
    main()

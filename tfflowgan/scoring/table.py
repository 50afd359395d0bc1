"""Tables on disk, CSV or Parquet, written row by row and renamed when they are whole.

A CSV file has a header, numbers with 6 decimals, true and false, and nothing for what is not known;
it is UTF-8, but for names of files that are not, which stay as they are. A Parquet file has
float64, bool, int8 and string columns, with nulls; there, such names are escaped.
"""

import contextlib
import csv
import itertools
import os
import pathlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.extras import require

__all__ = ["ENDINGS", "check", "write"]

ENDINGS = (".csv", ".parquet")
_GROUP = 10_000  # rows of a Parquet file that are held and written together
_TYPES = {"path": "string", "reason": "string", "flag": "bool_", "unusual": "int8"}


def check(path: pathlib.Path) -> None:
    """Checks, before a long computation, that a table can be written.

    Raises:
      UserError: the ending is not known, the folder cannot be written, or pyarrow is missing.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"--output={path} must end in {' or '.join(ENDINGS)}.")
    folder = path.resolve().parent
    if not os.access(folder, os.W_OK):
        raise UserError(f"--output={path} cannot be written: {folder} is not a writable folder.")
    if path.suffix.lower() == ".parquet":
        require("pyarrow", "parquet", f"--output={path}")


def write(path: pathlib.Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Writes a table whose kind is its ending; replaces one that is there.

    Args:
      path: ends in .csv or .parquet.
      columns: their names in order.
      rows: plain values by column; at most 10,000 are held.

    Raises:
      UserError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        (_write_parquet if path.suffix.lower() == ".parquet" else _write_csv)(part, columns, rows)
        os.replace(part, path)
    except OSError as error:
        raise UserError(f"--output={path} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):  # it is not there after a success
            part.unlink()


def _write_csv(path, columns, rows):
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _write_parquet(path, columns, rows):
    pyarrow = require("pyarrow", "parquet", "A Parquet file")
    parquet = require("pyarrow.parquet", "parquet", "A Parquet file")
    types = {name: getattr(pyarrow, _TYPES.get(name, "float64"))() for name in columns}
    schema = pyarrow.schema(list(types.items()))
    with parquet.ParquetWriter(path, schema) as writer:
        for group in _groups(rows):
            arrays = [
                pyarrow.array([_escaped(row.get(name)) for row in group], kind)
                for name, kind in types.items()
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _escaped(value):
    if not isinstance(value, str):
        return value
    return os.fsencode(value).decode("utf-8", "backslashreplace")


def _groups(rows) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while group := list(itertools.islice(rows, _GROUP)):
        yield group

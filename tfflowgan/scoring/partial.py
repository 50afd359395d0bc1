"""The rows of an unfinished table, in `OUTPUT.part`: a header with a key, then one line per chunk.

A line is complete or dropped, so that a killed process loses one chunk at most. A file with another
key is begun anew: the model, its reference, a setting or a file has changed.
"""

import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

__all__ = ["Partial"]


class Partial:
    """Chunks of rows and errors on disk; only one is held at a time.

    Attributes:
      path: the file.
      done: how many chunks it holds.
      outdated: whether a file with another key was found and begun anew.
    """

    def __init__(self, path: pathlib.Path, key: str):
        """Opens the file, or begins it.

        Args:
          path: where it is.
          key: of everything that the rows depend on.

        Raises:
          OSError: it cannot be read or written.
        """
        self.path, self._key, self.done, self.outdated = path, key, 0, False
        header = json.dumps({"key": key}) + "\n"
        if path.exists():
            with path.open("rb") as file:
                if file.readline() == header.encode():
                    end = self._end_of_whole_lines(file)
                    os.truncate(path, end)
                    return
            self.outdated = True
        path.write_text(header, encoding="utf-8")

    def _end_of_whole_lines(self, file):
        end = file.tell()
        for line in file:
            try:
                json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n"):
                break
            end += len(line)
            self.done += 1
        return end

    def append(self, rows: list[dict[str, Any]], errors: list[dict[str, str]]) -> None:
        """Adds a chunk.

        Args:
          rows: plain values by column.
          errors: "path" and "reason" of every file without a row.

        Raises:
          OSError: the disk is full, or the folder is gone.
        """
        line = json.dumps({"rows": rows, "errors": errors}) + "\n"
        with self.path.open("ab") as file:
            file.write(line.encode())
        self.done += 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows, in order."""
        return self._each("rows")

    def errors(self) -> Iterator[dict[str, str]]:
        """All errors, in order."""
        return self._each("errors")

    def _each(self, kind):
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                yield from json.loads(line)[kind]

    def remove(self) -> None:
        """Removes the file."""
        self.path.unlink(missing_ok=True)

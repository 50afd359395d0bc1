"""Model cards: what is known about a model, in the file NAME/card.yaml beside it.

One `name: value` per line. The value is JSON, which is YAML too. A card describes one version of
the model, the one whose files have the checksum `sha256`.
"""

import json
import os
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["origin", "read", "read_file", "write"]

_FILE = "card.yaml"


def write(folder: str | os.PathLike, values: dict) -> None:
    """Writes a card atomically.

    Args:
      folder: the model's folder, NAME.
      values: plain values by name.
    """
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in values.items()]
    write_atomically(pathlib.Path(folder) / _FILE, "".join(lines))


def read(folder: str | os.PathLike) -> dict:
    """Reads a card.

    Args:
      folder: the model's folder, NAME.

    Returns:
      Its values by name.

    Raises:
      UserError: there is no card, or `write` did not write it.
    """
    return read_file(pathlib.Path(folder) / _FILE)


def read_file(path: pathlib.Path) -> dict:
    """Reads a card under any name; see `read`."""
    try:
        lines = [line.split(": ", 1) for line in path.read_text().splitlines() if line.strip()]
        return {name: json.loads(value) for name, value in lines}
    except (OSError, ValueError):
        raise UserError(
            f"{path} is missing or is not a model card; bin/export --card writes one."
        ) from None


def origin(provenance: dict) -> dict:
    """The part of a provenance record that a card shows: date, commit, packages and hardware."""
    return {name: provenance[name] for name in ("date", "commit", "packages", "hardware")}

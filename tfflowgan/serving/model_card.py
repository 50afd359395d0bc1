"""What is known of a model, in a file beside it: NAME/card.yaml.

One `name: value` a line, the value in JSON, which is YAML too. A card is of one version, and `sha256` is that of its files.
"""

import json
import os
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["origin", "read", "write"]

_FILE = "card.yaml"


def write(folder: str | os.PathLike, values: dict) -> None:
    """Writes a card, whole or not at all.

    Args:
      folder: NAME.
      values: plain values by name.
    """
    write_atomically(pathlib.Path(folder) / _FILE, "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items()))


def read(folder: str | os.PathLike) -> dict:
    """Reads a card.

    Raises:
      UserError: there is none, or it is not as `write` writes them.
    """
    path = pathlib.Path(folder) / _FILE
    try:
        lines = [line.split(": ", 1) for line in path.read_text().splitlines() if line.strip()]
        return {name: json.loads(value) for name, value in lines}
    except (OSError, ValueError):
        raise UserError(f"{path} is missing or is not a card as bin/export --card writes them.") from None


def origin(provenance: dict) -> dict:
    """The part of a provenance that a card shows."""
    return {name: provenance[name] for name in ("date", "commit", "packages", "hardware")}

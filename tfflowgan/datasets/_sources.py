"""Where images come from: local originals, a prepared folder, a download, or an embedded excerpt.

A dataset has one function per source; `first_available` runs them in this order. Each returns the
images, or None if the source does not have them. A damaged file is an error, not a reason to look
elsewhere.
"""

import dataclasses
import logging
import pathlib
from collections.abc import Callable
from typing import Any

from tfflowgan.errors import UserError

__all__ = ["SOURCES", "Request", "Source", "first_available"]

_log = logging.getLogger(__name__)

SOURCES = ("auto", "local", "prepared", "download", "embedded")


@dataclasses.dataclass(frozen=True)
class Request:
    """What the user asked for; see `tfflowgan.datasets.load` for the fields."""

    name: str
    data_dir: str | None
    data_source: str = "auto"
    image_size: int | None = None
    frames: str = "all"

    def folder(self) -> pathlib.Path | None:
        """`data_dir` as an existing folder.

        Raises:
          UserError: it is not a folder.
        """
        if self.data_dir is None:
            return None
        folder = pathlib.Path(self.data_dir).expanduser()
        if not folder.is_dir():
            raise UserError(f"--data_dir={self.data_dir} is not a folder.")
        return folder

    def find(self, *names: str) -> pathlib.Path | None:
        """The first folder that holds all the names: `data_dir`, or the dataset's folder in it."""
        root = self.folder()
        for folder in [] if root is None else (root, root / self.name):
            if all((folder / name).exists() for name in names):
                return folder
        return None


Source = Callable[[Request], tuple[str, Any] | None]  # gives (description, images), or None


def first_available(request: Request, sources: dict[str, Source], wanted: str) -> tuple[str, Any]:
    """Runs the sources in order until one has the images.

    Args:
      request: what the user asked for.
      sources: functions by their name in `SOURCES`.
      wanted: which files the user could place in `data_dir`, for the message.

    Returns:
      (description, images) of the first source that has them.

    Raises:
      UserError: none has; or `data_dir` was given and holds nothing of use.
    """
    if request.data_source != "auto":
        if request.data_source not in sources:
            raise UserError(
                f"--data_source={request.data_source} does not exist for --dataset={request.name}; "
                f"it can be auto, {', '.join(sources)}."
            )
        if request.data_source == "local" and request.data_dir is None:
            raise UserError(f"--data_source=local needs --data_dir with {wanted}.")
        if request.data_source in ("download", "embedded") and request.data_dir is not None:
            raise UserError(
                f"--data_source={request.data_source} does not use --data_dir={request.data_dir}; "
                "give one of them."
            )
        order = [request.data_source]
    elif request.folder() is not None:
        order = [s for s in sources if s in ("local", "prepared")]
    else:
        order = [s for s in sources if s != "local"]
    for source in order:
        found = sources[source](request)
        if found is not None:
            _log.info("%s from %s.", request.name, found[0])
            return found
    where = f"--data_dir={request.data_dir}" if request.data_dir else f"source {' or '.join(order)}"
    raise UserError(
        f"{where} has no images of {request.name}; place {wanted} in a folder and give it by "
        "--data_dir."
    )

"""Pictures inside an HTML page, and links from it to the files of a run."""

import base64
import io
import os
import pathlib
import urllib.parse

from matplotlib.figure import Figure

__all__ = ["data_url", "links", "png"]

_LINKED = ("config.json", "metrics.jsonl", "curves.png", "samples", "results", "finished.json")


def png(figure: Figure) -> bytes:
    """A figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def data_url(picture: bytes) -> str:
    """A PNG file as the address of an image."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def links(run: pathlib.Path, page: pathlib.Path | None) -> dict[str, str]:
    """Addresses of a run's files by their names, relative to the folder of a page.

    The run's own folder comes first, as ".". Without a page there are none.
    """
    if page is None:
        return {}
    there = [".", *(name for name in _LINKED if (run / name).exists())]
    return {name: _address(run / name, page) for name in there}


def _address(path, page):
    relative = pathlib.PurePath(os.path.relpath(path.resolve(), page.resolve())).as_posix()
    return urllib.parse.quote(relative + ("/" if path.is_dir() else ""))

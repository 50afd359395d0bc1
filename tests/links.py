"""Links to packages that are installed here, for environments that hold some of them alone."""

import importlib.metadata
import pathlib

from packaging.requirements import Requirement

__all__ = ["link_packages"]


def link_packages(folder: pathlib.Path, *requirements: str) -> None:
    """Links to packages that are installed here, with all that they require, in a folder.

    Args:
      folder: where the links go.
      requirements: names, with extras where these are wanted: "ray[data]".
    """
    left, seen = [Requirement(text) for text in requirements], set()
    while left:
        wanted = left.pop()
        distribution = importlib.metadata.distribution(wanted.name)
        for extra in {"", *wanted.extras} - {e for name, e in seen if name == distribution.name}:
            seen.add((distribution.name, extra))
            needs = [Requirement(text) for text in distribution.requires or []]
            left += [n for n in needs if n.marker is None or n.marker.evaluate({"extra": extra})]
        tops = {f.parts[0] for f in distribution.files if f.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            if not (folder / top).exists():
                (folder / top).symlink_to(distribution.locate_file(top))

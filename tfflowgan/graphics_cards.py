"""NVIDIA cards of this machine, from its files alone: nothing is loaded and no program is run.

    /dev/nvidia0, /dev/nvidia1, ...             Linux, in a container those that it was given
    /dev/dxg with NVIDIA's libcuda beside it    WSL 2, which does not say how many

A card that the driver lists in /proc without a file in /dev is not counted: a container sees all
cards of its host there. CUDA_VISIBLE_DEVICES hides cards, as CUDA reads it: entries from the first
invalid one on are ignored.
"""

import os
import pathlib
import re

__all__ = ["count", "hidden", "visible"]

_WSL_CUDA = "usr/lib/wsl/lib/libcuda.so.1"


def count(root: pathlib.Path = pathlib.Path("/")) -> int:
    """How many NVIDIA cards this process could open.

    Args:
      root: the root of the file system.
    """
    try:
        names = [path.name for path in (root / "dev").iterdir()]
    except OSError:  # Windows
        return 0
    found = sum(re.fullmatch(r"nvidia\d+", name) is not None for name in names)
    return found or int("dxg" in names and (root / _WSL_CUDA).exists())


def hidden() -> bool:
    """Whether CUDA_VISIBLE_DEVICES hides all cards."""
    return _chosen() == []


def visible(root: pathlib.Path = pathlib.Path("/")) -> list[str]:
    """Values of CUDA_VISIBLE_DEVICES that show a process one card each.

    Args:
      root: the root of the file system.
    """
    chosen, found = _chosen(), count(root)
    if chosen is None:
        return [str(i) for i in range(found)]
    return chosen if found else []


def _chosen():
    """What CUDA_VISIBLE_DEVICES lists; None where it is not set."""
    text = os.environ.get("CUDA_VISIBLE_DEVICES")
    if text is None:
        return None
    chosen = []
    for entry in (part.strip() for part in text.split(",")):
        if not re.fullmatch(r"\d+|(GPU|MIG)-.+", entry):
            break
        chosen.append(entry)
    return chosen

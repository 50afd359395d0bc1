"""`tfflowgan-reproduce`: says where to find `papers/`, which an installed package lacks."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of `tfflowgan-reproduce`."""
    sys.exit(
        "tfflowgan-reproduce: the papers' tables and figures are drawn from the repository, by "
        "bin/reproduce in its root; "
        "the installed package has no folder papers/."
    )

"""`tfflowgan-reproduce`: says where the papers' artefacts are, which an installed package does not carry."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of `tfflowgan-reproduce`."""
    sys.exit(
        "tfflowgan-reproduce: the papers' tables and figures are drawn from the repository, by bin/reproduce in its root; "
        "the installed package has no folder papers/."
    )

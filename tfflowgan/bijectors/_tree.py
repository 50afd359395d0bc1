"""Traverse a composed bijector."""

from collections.abc import Iterator

import tensorflow_probability as tfp

__all__ = ["leaves"]


def leaves(bijector: tfp.bijectors.Bijector) -> Iterator[tfp.bijectors.Bijector]:
    """Yields every bijector of a tree of chains and levels, children before their parent."""
    for part in getattr(bijector, "bijectors", []) or getattr(bijector, "levels", []):
        yield from leaves(part)
    yield bijector

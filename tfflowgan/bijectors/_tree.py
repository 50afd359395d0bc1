"""Looking into assembled bijectors."""

from collections.abc import Iterator

import tensorflow_probability as tfp

__all__ = ["leaves"]


def leaves(bijector: tfp.bijectors.Bijector) -> Iterator[tfp.bijectors.Bijector]:
    """All bijectors of a tree of chains and levels, each after its own parts."""
    for part in getattr(bijector, "bijectors", []) or getattr(bijector, "levels", []):
        yield from leaves(part)
    yield bijector

"""Cutting a folder's images into splits so that exact copies stay on one side.

Images are grouped by the hash of their pixels, and the groups have one random order. Each goes into
the first held-out split that has room for it, otherwise into training. Without copies, these are
the splits that `hold_out` makes.
"""

from collections.abc import Sequence

import numpy as np

from tfflowgan.datasets._splits import permutation

__all__ = ["cut", "different", "seen_in"]


def different(keys: np.ndarray) -> int:
    """How many images differ from all that come before them; keys are their digests `[N, 2]`."""
    return len(np.unique(keys, axis=0))


def seen_in(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which images, by their digests `[N, 2]`, are among others `[M, 2]` too: bool `[N]`."""
    known = set(map(tuple, others.tolist()))
    return np.array([tuple(key) in known for key in keys.tolist()], bool)


def cut(keys: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Cuts images into held-out splits, and the rest.

    Args:
      keys: the images' digests, `[N, 2]`.
      sizes: of the held-out splits. Where copies do not fit, a split is smaller; where no group of
        copies is as small as the split, it has the smallest one.

    Returns:
      Integer indices of the images of each held-out split and of the rest, in random order.
    """
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    changes = np.flatnonzero(np.any(keys[order[1:]] != keys[order[:-1]], axis=1)) + 1
    groups = np.split(order, changes)
    rest = [groups[i] for i in permutation(len(groups))]
    parts = []
    for size in sizes:
        taken, rest = _fill(rest, size)
        parts.append(taken)
    return [np.concatenate([np.arange(0), *part]) for part in (*parts, rest)]


def _fill(groups, size):
    """The groups that fit into a split one after another, and those that are left."""
    taken, left = [], []
    for group in groups:
        fits = len(group) <= size
        (taken if fits else left).append(group)
        size -= len(group) if fits else 0
    if left and not taken:
        smallest = min(range(len(left)), key=lambda i: len(left[i]))
        taken = [left.pop(smallest)]
    return taken, left

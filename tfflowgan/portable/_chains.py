"""The loop of annealed chains over distributions, whoever moves them.

    0 = b_0 < b_1 < ... < b_T = 1     the sigmoid of an even grid on [-4, 4], rescaled to [0, 1]
    forward    latents from the prior, moves under b_1, ..., b_(T-1)
    reverse    latents that are known, the same moves in reverse order

Images stand in groups, whose chains share a step size: as many as have 100,000 latents together.
How many groups are moved at once is another matter, which changes no result. A call moves all of
them through 25 distributions. The equations are in `tfflowgan.metrics.annealing_chains`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from tfflowgan.portable._order import fold_in

__all__ = ["ACCEPTANCE", "LEAPFROG_STEPS", "PART", "Chains", "Layout", "Scan", "sigmoid_schedule"]

LEAPFROG_STEPS = 10  # Wu et al. (2017)
ACCEPTANCE = 0.65  # target acceptance rate; Wu et al. (2017)
PART = 25  # distributions of a call
_RADIUS = 4.0  # of the sigmoid schedule; Wu et al. (2017)
_FIRST_STEP = 0.1  # ours
_LATENTS = 100_000  # of a group: its 127 MNIST images keep a CPU busy


class Scan(Protocol):
    """Repeats `carry = function(carry, key)` for every key; may go on where it stopped."""

    def __call__(
        self,
        label: str,
        function: Callable[[Mapping[str, Any], Any], Mapping[str, Any]],
        carry: Mapping[str, Any],
        keys: Sequence[Any],
        unit: str = "part",
    ) -> Mapping[str, Any]:
        """Returns the last carry."""
        ...


def sigmoid_schedule(distributions: int) -> np.ndarray:
    """Returns b_0 = 0 to b_T = 1.

    Args:
      distributions: T.

    Returns:
      float64, `[T + 1]`.
    """
    points = 1.0 / (1.0 + np.exp(-np.linspace(-_RADIUS, _RADIUS, distributions + 1)))
    return (points - points[0]) / (points[-1] - points[0])


@dataclasses.dataclass(frozen=True)
class Layout:
    """How images are divided: into groups, and groups into calls.

    Attributes:
      ends: the first image of each group, and the number of images.
      images: places for images in a group.
      groups: groups that are moved at once.
    """

    ends: tuple[int, ...]
    images: int
    groups: int

    @classmethod
    def of(cls, count: int, dims: int, chains: int, at_once: int) -> "Layout":
        """The division of images into groups of about one size.

        Args:
          count: images.
          dims: D.
          chains: per image.
          at_once: chains that fit into a call; those of one group always do, and are the least.
        """
        number = -(-count // max(1, _LATENTS // dims // chains))
        ends = tuple(i * count // number for i in range(number + 1))
        images = -(-count // number)
        calls = -(-number // max(1, at_once // (images * chains)))
        return cls(ends, images, -(-number // calls))

    @property
    def number(self) -> int:
        """How many groups there are."""
        return len(self.ends) - 1


class Chains:
    """Runs annealed chains by a function that moves groups through some distributions."""

    def __init__(
        self,
        move: Callable[..., Mapping[str, Any]],
        layout: Callable[[int], Layout],
        dims: int,
        distributions: int,
        chains: int,
        scan: Scan,
    ) -> None:
        """Creates the chains.

        Args:
          move: see `tfflowgan.metrics.annealing_moves.part_function`.
          layout: of a number of images; places of a group may be more than it has.
          dims: D.
          distributions: T, at least 2.
          chains: per image.
          scan: repeats calls.
        """
        self._move, self._layout, self._dims = move, layout, dims
        self._chains, self._scan = chains, scan
        self._betas = sigmoid_schedule(distributions)

    def run(
        self,
        label: str,
        images: np.ndarray,
        seed: tuple[int, int],
        known: np.ndarray | None = None,
        step_sizes: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs all chains of all images.

        Args:
          label: name of these chains in `scan`.
          images: `[N, H, W, C]`, in the generator's dtype.
          seed: stateless seed; random numbers depend only on it, the group and the distribution.
          known: exact samples of p(z|x), `[N, D]`, from which to run reverse chains; None runs
            forward chains.
          step_sizes: initial step size of each group; None means a default.

        Returns:
          "log_weight", the log of the mean w over an image's chains, float64 `[N]`; "acceptance",
          the mean acceptance rate of each chain, float64 `[N, chains]`; "step_size", the final
          step size of each group, in the generator's dtype.
        """
        layout = self._layout(len(images))
        seeds = np.array([fold_in(seed, i) for i in range(layout.number)], np.int32)
        if step_sizes is None:
            step_sizes = np.full(layout.number, _FIRST_STEP, images.dtype)
        if known is None:
            known = np.zeros([len(images), self._dims], images.dtype)
            betas, fresh = self._betas, True
        else:
            betas, fresh = self._betas[::-1], False
        blocks = []
        for first in range(0, layout.number, layout.groups):
            groups = [*range(first, min(first + layout.groups, layout.number))]
            parts = [slice(*layout.ends[i : i + 2]) for i in groups]
            given = {
                "images": _placed([images[part] for part in parts], layout),
                "counts": _filled([part.stop - part.start for part in parts], layout, np.int32),
                "seeds": _filled(seeds[groups], layout, np.int32),
            }
            starts = _placed([known[part] for part in parts], layout)
            sums = np.zeros([layout.groups, layout.images * self._chains])
            carry = {
                "latents": np.repeat(starts, self._chains, axis=1),
                "step_size": _filled(step_sizes[groups], layout, images.dtype),
                "log_weight": sums,
                "acceptance": sums,
            }
            last = first + layout.groups - 1  # another number of groups at once has other names
            name = f"{label}_{first}" if layout.groups == 1 else f"{label}_{first}_{last}"
            found = self._block(name, carry, given, betas, fresh)
            blocks += _groups(found, given["counts"], self._chains, len(groups))
        log_weight, acceptance = (
            np.concatenate([block[i] for block in blocks]).reshape(-1, self._chains) for i in (0, 1)
        )
        with np.errstate(invalid="ignore"):  # the caller reports weights that are not finite
            log_weight = np.logaddexp.reduce(log_weight, axis=1) - np.log(self._chains)
        step_size = np.stack([block[2] for block in blocks])
        return {"log_weight": log_weight, "acceptance": acceptance, "step_size": step_size}

    def _block(self, label, carry, given, betas, fresh):
        """Moves groups through all distributions; returns log w, mean acceptance, step sizes."""
        moves = len(betas) - 2

        def part(carry, first):
            count = min(PART, moves + 1 - first)
            around = np.zeros(PART + 1)
            around[: count + 1] = betas[first - 1 : first + count]
            state = {name: carry[name] for name in _STATE}
            return self._move(
                **state,
                **given,
                betas=around,
                first=np.int32(first),
                count=np.int32(count),
                fresh=np.bool_(fresh and first == 1),
            )

        starts = range(1, moves + 1, PART)
        carry = self._scan(label, part, carry, starts, unit=f"{PART} distributions")
        energy = np.asarray(carry["energy"], np.float64)
        log_weight = carry["log_weight"] - (betas[-1] - betas[-2]) * energy
        return log_weight, carry["acceptance"] / moves, carry["step_size"]


_STATE = ("latents", "step_size", "log_weight", "acceptance")


def _placed(parts, layout):
    """Arrays `[n, ...]` of groups in one `[groups, images, ...]`, with zeros in places left."""
    found = np.zeros([layout.groups, layout.images, *parts[0].shape[1:]], parts[0].dtype)
    for i, part in enumerate(parts):
        found[i, : len(part)] = part
    return found


def _filled(values, layout, dtype):
    """Values of groups, `[groups, ...]`, with ones where there is none."""
    values = np.asarray(values, dtype)
    found = np.ones([layout.groups, *values.shape[1:]], dtype)
    found[: len(values)] = values
    return found


def _groups(found, counts, chains, number):
    """(log weights, acceptance, step size) of each group, without places left."""
    return [
        (*(values[i, : counts[i] * chains] for values in found[:2]), found[2][i])
        for i in range(number)
    ]

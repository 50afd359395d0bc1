"""The order of a run's training images, in NumPy: what TensorFlow's `stateless_shuffle` gives.

words     Philox 4x32-10 (Salmon et al., 2011), key and counter from a seed as TensorFlow has it
seed      (seed, 0), folded with the stream and the epoch
shuffle   for i = 0, ..., N - 2: swap element i with element i + word_i mod (N - i)
"""

import numpy as np

__all__ = ["BatchOrder", "fold_in", "shuffled", "words"]

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_SCRAMBLE = (0x3EC8F720, 0x02461E29)
_ORDER = 0  # the stream of orders, see tfflowgan/datasets/_seeds.py
_LOW = 0xFFFFFFFF


def _philox(counters: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Four words uint32 `[N, 4]` per counter, uint32 `[N, 4]`."""
    a, b, c, d = (counters[:, i].astype(np.uint64) for i in range(4))
    first, second = key
    for _ in range(_ROUNDS):
        low, high = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a, b, c, d = (
            (high >> np.uint64(32)) ^ b ^ np.uint64(first),
            high & np.uint64(_LOW),
            (low >> np.uint64(32)) ^ d ^ np.uint64(second),
            low & np.uint64(_LOW),
        )
        first, second = (first + _WEYL[0]) & _LOW, (second + _WEYL[1]) & _LOW
    return np.stack([a, b, c, d], axis=1).astype(np.uint32)


def words(seed: tuple[int, int], count: int) -> np.ndarray:
    """The first random words of a stateless seed (two integers), uint32 `[count]`."""
    halves = [part for number in seed for part in (number & _LOW, (number >> 32) & _LOW)]
    mixed = [int(word) for word in _philox(np.array([halves], np.uint32), _SCRAMBLE)[0]]
    groups = -(-count // 4)
    counters = np.zeros([groups, 4], np.uint32)
    counters[:, 0] = np.arange(groups)
    counters[:, 2:] = mixed[2:]
    return _philox(counters, (mixed[0], mixed[1])).reshape(-1)[:count]


def fold_in(seed: tuple[int, int], number: int) -> tuple[int, int]:
    """The seed that `tf.random.fold_in` makes of a seed and a number."""
    return int(words(seed, 1).view(np.int32)[0]), number


def shuffled(count: int, seed: tuple[int, int]) -> np.ndarray:
    """0, ..., `count` - 1 in the order of a stateless seed, int32."""
    order = list(range(count))
    places = words(seed, count).astype(np.int64) % np.arange(count, 0, -1)
    for i, place in enumerate(places[: count - 1].tolist()):
        order[i], order[i + place] = order[i + place], order[i]
    return np.array(order, np.int32)


class BatchOrder:
    """The numbers of the images in the batches of any steps."""

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        """Creates the order.

        Args:
          count: training images.
          batch_size: images per step.
          seed: the run's.
        """
        self._count, self._batch, self._seed = count, batch_size, seed
        self._steps = count // batch_size
        self._epoch: tuple[int, np.ndarray] | None = None

    def __call__(self, first_step: int, steps: int) -> np.ndarray:
        """Numbers int32 `[steps, batch_size]` of the batches from `first_step` on."""
        found: list[np.ndarray] = []
        while len(found) < steps:
            epoch, place = divmod(first_step + len(found), self._steps)
            found += list(self._batches(epoch)[place : place + steps - len(found)])
        return np.reshape(found, [steps, self._batch])

    def _batches(self, epoch):
        if self._epoch is None or self._epoch[0] != epoch:
            seed = fold_in(fold_in((self._seed, 0), _ORDER), epoch)
            order = shuffled(self._count, seed)[: self._steps * self._batch]
            self._epoch = epoch, order.reshape(self._steps, self._batch)
        return self._epoch[1]

"""Several independent critics: their mean distance, and its error.

    W_ki    distance of batch i by critic k: `_independent_critic`

Another seed gives another critic: other initial weights, other batches, other generated images.
`several` trains K of them, which read the very same batches of real images, and `summary` takes
the mean of all W_ki. What critics differ by and what they share are both in its error:

    standard_error^2 = s^2(means of critics) / K  +  (variance that critics share) / n

The first term has the critics, the generated images that each draws for itself, and as much of
the real images as critics see differently; the second the real images as all critics see them
(`statistics.mean_of_rows` has the estimates, and counts nothing twice). The interval is Student's,
with few degrees of freedom where critics differ most. A single critic has only the spread over its
batches: a bootstrap interval, without what critics differ by.

In neither error are the real images on which all critics are trained: distances are given those.
"""

import numpy as np

from tfflowgan.evaluation import _independent_critic as independent
from tfflowgan.generators import Generator
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import mean_of_rows, mean_with_interval

__all__ = ["several", "summary"]


def several(
    critics: int,
    real: np.ndarray,
    parts: dict[str, np.ndarray],
    generated: Generator | tuple[np.ndarray, np.ndarray],
    *,
    updates: int,
    readings: int,
    batch: int,
    seed: int,
    dtype: str = "float32",
    loop: ResumableLoop = ResumableLoop(),
    label: str = "critic",
) -> tuple[dict[str, np.ndarray], dict]:
    """Trains several critics, one after the other, and reads them on the same images.

    Args:
      critics: K.
      real: as for `measure`, like those that follow.
      parts: images by name to read them on.
      generated: a generator, or two arrays of images.
      updates: of each critic.
      readings: the largest number of batches read per part.
      batch: images of each kind in an update and in a reading.
      seed: of the first critic, and of the images that all of them read; the others' seeds are
        made from it.
      dtype: of the critics.
      loop: shows progress and keeps partial results.
      label: the name of the first critic's partial results; the others' have a number.

    Returns:
      W_ki `[K, readings]` by part, and `_independent_critic.settings`.
    """
    seeds = _seeds(seed, critics)
    found = [
        independent.measure(
            real,
            parts,
            generated,
            updates=updates,
            readings=readings,
            batch=batch,
            seed=one,
            reading_seed=seed,
            dtype=dtype,
            loop=loop,
            label=label if not k else f"{label}_{k}",
        )
        for k, one in enumerate(seeds)
    ]
    values = {name: np.stack([read[name] for read, _ in found]) for name in parts}
    curve = np.mean([curve for _, curve in found], axis=0)
    count = next(iter(values.values())).shape[1]
    return values, independent.settings(curve, count, batch, seeds, dtype)


def summary(values: np.ndarray, seed: int) -> dict:
    """The mean of W_ki `[K, n]` with its error and interval, and that of each critic.

    Args:
      values: of a part, or the difference of two parts.
      seed: of the resamples of a single critic's interval.

    Returns:
      A `Mean` and "critics": K means.
    """
    mean = mean_of_rows(values) if len(values) > 1 else mean_with_interval(values[0], seed)
    return {**mean, "critics": [float(one) for one in values.mean(axis=1)]}


def _seeds(seed, critics):
    """The first is the given one; the others, far from it, are made from it."""
    others = [np.random.SeedSequence([seed, k]).generate_state(1)[0] for k in range(1, critics)]
    return [seed, *(int(one % 2**31) for one in others)]

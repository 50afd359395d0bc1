"""Log-densities of many images, in blocks: of a split, and of a flow's own samples."""

import numpy as np

from tfflowgan.datasets import EVALUATION_BLOCK, Split, evaluation_batches
from tfflowgan.flows import Flow, image_seeds
from tfflowgan.metrics.resumable_loop import ResumableLoop

__all__ = ["log_probs", "sample_log_probs"]

_PART = 5 * EVALUATION_BLOCK  # images scored between two saves of partial results


def log_probs(
    flow: Flow,
    split: Split,
    draws: int = 1,
    seed: int = 0,
    batch_size: int = 256,
    loop: ResumableLoop = ResumableLoop(),
    label: str = "images",
) -> np.ndarray:
    """Log-densities of a split, float64 `[draws, N]`, in nats.

    Args:
      flow: the model.
      split: images.
      draws: noise draws per image.
      seed: for the noise.
      batch_size: images per pass.
      loop: shows progress and keeps partial results.
      label: the name of the partial results.
    """

    def part(key):
        draw, start = key
        batches = evaluation_batches(split, batch_size, seed, draw, start, start + _PART)
        values = np.concatenate(
            [flow.log_prob(images, check=False).numpy().astype(np.float64) for images, _ in batches]
        )
        # drops the padding of the last batch
        return {"log_prob": values[: min(_PART, len(split) - start)]}

    keys = [(draw, start) for draw in range(draws) for start in range(0, len(split), _PART)]
    parts = loop.map(label, part, keys, unit=f"{_PART} images")
    return np.concatenate([part["log_prob"] for part in parts]).reshape(draws, len(split))


def sample_log_probs(
    flow: Flow,
    count: int,
    seed: int = 0,
    batch_size: int = 256,
    loop: ResumableLoop = ResumableLoop(),
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-densities of a flow's own samples, float64 `[count]` each.

    Returns:
      Log-densities from the pass that draws the images; log-densities from the inverse pass, as
      for any image; and log |det dG/dz| from the first pass. The first two are equal except for
      rounding.
    """
    seeds = image_seeds(seed, count)

    def part(start):
        values = []
        for i in range(start, min(start + _PART, count), batch_size):
            latents = flow.latents(seeds[i : min(i + batch_size, start + _PART)])
            images, own = flow.decode_with_log_prob(latents)
            values.append(
                [own, flow.log_prob(images, check=False), flow.prior().log_prob(latents) - own]
            )
        own, back, dets = (
            np.concatenate(column).astype(np.float64) for column in zip(*values, strict=True)
        )
        return {"own": own, "back": back, "log_det": dets}

    parts = loop.map("own_samples", part, range(0, count, _PART), unit=f"{_PART} samples")
    own, back, dets = (np.concatenate([p[n] for p in parts]) for n in ("own", "back", "log_det"))
    return own, back, dets

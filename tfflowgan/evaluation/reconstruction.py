"""Partial reconstructions: keep some latents of an image, draw the others from the prior, decode.

    z = encode(x),  z' ~ prior          x' = decode(m * z + (1 - m) * z')          m in {0, 1}^D

With m = 1, x' is the image itself; with m = 0, it is a sample. If x is a sample of the model, so
is x'. (Danihelka et al., 2017, section 3.4 and Figure 8; "conceptual compression" in Gregor et
al., 2016.)

Log-densities of reconstructions under an adversary have heavy tails: one image may outweigh all
others in their mean. So their medians are given too. `--keep=first,second,0` adds samples, from the
same draws and by the same inverse, to compare them with.

The order of latents is the flow's. In a multi-scale flow they come coarsest first; with two levels
or more, the second half is split off at the first level and holds the finest detail. NICE has the
latents of even pixels first, then those of odd ones.
"""

import numpy as np
import tensorflow as tf

from tfflowgan.datasets import Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation._split import chosen_split
from tfflowgan.flows import Flow, image_seeds
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import (
    finite_or_none,
    mean_with_error,
    quantile_with_interval,
    unknown_mean,
)

__all__ = ["evaluate", "kept_latents", "reconstruct"]

_BATCH = 100
_SHOWN = 10  # images of the picture, at most
_LEAST = np.finfo(np.float64).min  # in place of what is not finite, to order values by


def evaluate(
    flow: Flow,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
    split: str = "validation",
    keep: str = "first,second",
    reconstructions: int = 10,
    seed: int = 0,
) -> dict:
    """Reconstructs the first images of a split from parts of their latents.

    Args:
      flow: the model.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      split: "train", "validation" or "test".
      keep: which latents to keep: a comma-separated list of parts, see `kept_latents`. Each part
        is one row of the picture.
      reconstructions: how many images; the picture has the first ten of them.
      seed: for the images' noise and the latents drawn; all parts share the same draws.

    Returns:
      A dict of
        keep: for each part {"keep", "kept": how many latents, "mean_squared_error": per value of
          an image in [0, 1], "log_prob": nats of the reconstruction under the model, means over
          images with standard errors, unknown where not finite; "median_log_prob": with its
          interval, None where not finite}.
        all_kept: {"mean_squared_error", "greatest_error"} of decode(encode(x)).
        pictures: {"grid"}: originals, then one row per part.
        arrays: log-densities by part, float64 `[N]` in nats, which need not be finite.
      and the settings.

    Raises:
      UserError: the images do not have the flow's shape, a part is not known, or latents are not
        finite.
    """
    names = [name.strip() for name in str(keep).split(",")]
    masks = np.stack(
        [kept_latents(name, flow.dims) for name in names] + [kept_latents("all", flow.dims)]
    )
    chosen = chosen_split(flow, splits, split, reconstructions)
    batches = [images for images, _ in evaluation_batches(chosen, _BATCH, seed)]
    images = tf.cast(tf.concat(batches, axis=0)[: len(chosen)], flow.dtype)
    seeds = image_seeds(seed, len(chosen))

    def part(start):
        latents = _encode(flow, images[start : start + _BATCH])
        decoded = [_decode(flow, latents, mask, seeds[start : start + _BATCH]) for mask in masks]
        return {
            "images": np.stack(decoded),
            "log_prob": np.stack([flow.log_prob(x, check=False).numpy() for x in decoded]),
        }

    parts = loop.map(
        "reconstructions", part, range(0, len(chosen), _BATCH), unit=f"{_BATCH} images"
    )
    decoded = np.concatenate([part["images"] for part in parts], axis=1).astype(np.float64)
    log_prob = np.concatenate([part["log_prob"] for part in parts], axis=1).astype(np.float64)
    originals = images.numpy().astype(np.float64)
    errors = np.square(decoded - originals).mean(axis=(2, 3, 4))
    rows = np.concatenate([originals[np.newaxis], decoded[:-1]])[:, :_SHOWN]
    shown = rows.reshape(-1, *flow.image_shape)
    return {
        "split": split,
        "count": len(chosen),
        "seed": seed,
        "dtype": flow.dtype,
        "dims": flow.dims,
        "keep": [
            {
                "keep": name,
                "kept": int(mask.sum()),
                "mean_squared_error": _mean(errors[i]),
                "log_prob": _mean(log_prob[i]),
                "median_log_prob": _median(log_prob[i]),
            }
            for i, (name, mask) in enumerate(zip(names, masks, strict=False))
        ],
        "all_kept": {
            "mean_squared_error": _mean(errors[-1]),
            "greatest_error": finite_or_none(np.abs(decoded[-1] - originals).max()),
        },
        "pictures": {
            "grid": (
                np.clip(np.nan_to_num(shown, nan=0.0), 0.0, 1.0).astype(np.float32),
                rows.shape[1],
            )
        },
        "arrays": dict(zip(names, log_prob, strict=False)),
    }


def reconstruct(flow: Flow, images: tf.Tensor, keep: np.ndarray, seed: int = 0) -> tf.Tensor:
    """Reconstructs images from a part of their latents.

    Args:
      flow: the model.
      images: `[B, H, W, C]` in [0, 1], dequantized.
      keep: booleans, `[D]` or one row per image `[B, D]`: which latents to keep. The others are
        drawn from the prior.
      seed: for the latents drawn, which are those of `flow.sample(B, seed)`.

    Returns:
      `[B, H, W, C]`.

    Raises:
      UserError: `keep` has another shape or dtype, or latents are not finite.
    """
    keep = np.asarray(keep)
    if keep.dtype != bool or keep.shape not in ((flow.dims,), (len(images), flow.dims)):
        shapes = f"({flow.dims},) or ({len(images)}, {flow.dims})"
        raise UserError(
            f"keep is {keep.dtype} of shape {keep.shape}; it must be bool of shape {shapes}."
        )
    return _decode(flow, _encode(flow, images), keep, image_seeds(seed, len(images)))


def kept_latents(part: str, dims: int) -> np.ndarray:
    """The mask of the latents that a part names.

    Args:
      part: "first" or "second" (half), "all", a range "a:b" of latents a to b - 1, or a fraction
        such as "0.25", the first quarter.
      dims: D.

    Returns:
      Booleans `[D]`.

    Raises:
      UserError: there is no such part.
    """
    named = {"first": (0, dims // 2), "second": (dims // 2, dims), "all": (0, dims)}
    if part in named:
        start, stop = named[part]
    else:
        try:
            start, stop = (
                map(int, part.split(":")) if ":" in part else (0, round(float(part) * dims))
            )
        except (ValueError, OverflowError):
            start, stop = -1, -1
    if not 0 <= start <= stop <= dims or (":" in part and start == stop):
        raise UserError(
            f"--keep={part} is not known; a part is first, second, all, a fraction from 0 to 1, "
            f"or a range a:b within 0:{dims}."
        )
    indices = np.arange(dims)
    return (start <= indices) & (indices < stop)


def _encode(flow, images):
    latents = flow.encode(images, check=False)
    if not np.isfinite(latents).all():
        raise UserError(
            f"latents of images are not finite in {flow.dtype}, so none can be kept; try "
            "--dtype=float64."
        )
    return latents


def _decode(flow, latents, keep, seeds):
    return flow.decode(tf.where(keep, latents, flow.latents(seeds)))


def _mean(values):
    return mean_with_error(values) if np.isfinite(values).all() else unknown_mean(len(values))


def _median(values):
    """The median; what is not finite is less than all that is, and None."""
    found = quantile_with_interval(np.where(np.isfinite(values), values, _LEAST), 0.5)

    def known(value):
        return None if value is None or value == _LEAST else value

    return found | {
        "value": known(found["value"]),
        "interval": [known(end) for end in found["interval"]],
    }

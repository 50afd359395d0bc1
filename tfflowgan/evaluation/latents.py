"""Compares the latents of real images with the flow's prior.

    z = encode(x)                   x from a split, and from the model itself; the latents of the
                                    model's samples must follow the prior
    KS_i = sup_t |F_i(t) - F(t)|    Kolmogorov-Smirnov: F_i the empirical distribution of latent i,
                                    F the prior's

If a flow fits the data, their latents follow its prior as well. For the first two latents of
CelebA, Danihelka et al. (2017, section 3.3, Figure 7) found means of 0.05 and 0.05 and standard
deviations of 1.06 and 1.03 under maximum likelihood, and 0.02, 1.62 and 3.95, 8.96 under WGAN.
The moments of all latents are relative to the prior's standard deviation: 1 for the normal,
pi / sqrt(3) for the logistic distribution.

Which latent is the first? In a multi-scale flow (`nvp`, `real_nvp`) the coarsest level comes
first: latent 0 is the first channel of that level's top left cell, and latent 1 its second
channel, or the next cell if there is only one channel. In `nice`, latent i belongs to one value of
the image, even values first: latent 0 to the first value, latent 1 to the third.
"""

import numpy as np
import scipy.stats

from tfflowgan.datasets import EVALUATION_BLOCK, Split, Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation._split import chosen_split
from tfflowgan.flows import Flow, image_seeds
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import mean_with_error

__all__ = ["encode_samples", "encode_split", "evaluate", "compare_with_prior"]

_LEVEL = 0.05  # significance level of the tests
_QUANTILES = np.linspace(0.0, 1.0, 41)
_BINS = 30
_COLUMNS = 256  # latents tested together


def evaluate(
    flow: Flow,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
    split: str = "validation",
    latents: str = "0,1",
    limit: int | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Compares the latents of a split, and of equally many own samples, with the prior.

    The cost is one encoding of the split, and one decoding and one encoding of as many samples.
    All latents are in memory at once (63 MB for 10,000 images of MNIST in float64).

    Args:
      flow: the model.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      split: "train", "validation" or "test".
      latents: a comma-separated list of two or more latents, counted from 0; the histogram shows
        the first two.
      limit: use only the first images of the split.
      seed: for the images' noise and the samples.
      batch_size: images per pass; it does not change the results.

    Returns:
      A dict of
        images, own_samples: {"count", "latents": mean and standard deviation of each chosen latent
          with standard errors, "histogram": {"counts" [first, second], "outside"}, "test": see
          `compare_with_prior`}.
        edges: of the histograms' bins, in the first and the second latent.
      and the settings.

    Raises:
      UserError: the images do not have the flow's shape or are fewer than two, or a latent is not
        known or not finite.
    """
    chosen = _chosen(latents, flow.dims)
    images = chosen_split(flow, splits, split, limit)
    if len(images) < 2:
        raise UserError(
            f"--limit={limit} leaves {len(images)} image; a standard deviation needs at least 2."
        )
    encoded = {
        "images": encode_split(flow, images, seed, batch_size, loop),
        "own_samples": encode_samples(flow, len(images), seed, batch_size, loop),
    }
    for name, values in encoded.items():
        if bad := int((~np.isfinite(values)).any(axis=1).sum()):
            what = name.replace("_", " ")
            raise UserError(
                f"{bad} of {len(values)} {what} have latents that are not finite in {flow.dtype}; "
                "try --dtype=float64."
            )
    deviation = float(flow.prior().stddev()[0])
    edges = [_edges(encoded["images"][:, i].astype(np.float64), deviation) for i in chosen[:2]]
    return {
        "split": split,
        "limit": limit,
        "seed": seed,
        "dtype": flow.dtype,
        "dims": flow.dims,
        "prior": flow.prior_name,
        "prior_deviation": deviation,
        "edges": [edge.tolist() for edge in edges],
        **{
            name: {
                "count": len(values),
                "latents": [
                    {"latent": i, **_mean_and_deviation(values[:, i].astype(np.float64))}
                    for i in chosen
                ],
                "histogram": _histogram(values[:, chosen[:2]], edges),
                "test": compare_with_prior(flow, values),
            }
            for name, values in encoded.items()
        },
    }


def encode_split(
    flow: Flow,
    split: Split,
    seed: int = 0,
    batch_size: int = 256,
    loop: ResumableLoop = ResumableLoop(),
) -> np.ndarray:
    """The latents of a split, dequantized with one draw of noise: `[N, D]` in the flow's dtype."""

    def part(start):
        batches = evaluation_batches(
            split, batch_size, seed, start=start, stop=start + EVALUATION_BLOCK
        )
        return {
            "latents": np.concatenate(
                [
                    flow.encode(images, check=False).numpy()[weights > 0]
                    for images, weights in batches
                ]
            )
        }

    return _parts(loop, "latents_of_images", part, len(split))


def encode_samples(
    flow: Flow,
    count: int,
    seed: int = 0,
    batch_size: int = 256,
    loop: ResumableLoop = ResumableLoop(),
) -> np.ndarray:
    """The latents that a flow infers for its own samples, `[count, D]` in its dtype."""
    seeds = image_seeds(seed, count)

    def part(start):
        block = seeds[start : start + EVALUATION_BLOCK]
        batches = [block[i : i + batch_size] for i in range(0, len(block), batch_size)]
        return {
            "latents": np.concatenate(
                [
                    flow.encode(flow.decode(flow.latents(batch)), check=False).numpy()
                    for batch in batches
                ]
            )
        }

    return _parts(loop, "latents_of_own_samples", part, count)


def compare_with_prior(flow: Flow, latents: np.ndarray) -> dict:
    """Tests each latent on its own against the prior.

    Args:
      flow: whose prior.
      latents: finite, `[N, D]` with N at least 2, independent over N.

    Returns:
      A dict of
        level: the significance level, 0.05.
        rejected_share: the fraction of latents that the Kolmogorov-Smirnov test rejects; under the
          prior, it is close to the level.
        rejected_share_holm: the same with Holm's correction for all latents; under the prior, it
          is usually 0.
        median_statistic, greatest_statistic: over latents.
        mean, deviation: relative to the prior's standard deviation; quantiles over latents at
          "levels".
        skewness, excess_kurtosis: the same, of the latents that vary.
        constant: how many latents do not vary.
    """
    prior = flow.prior().distribution
    deviations = flow.prior().stddev().numpy().astype(np.float64)
    blocks = []
    for start in range(0, flow.dims, _COLUMNS):
        columns = slice(start, start + _COLUMNS)
        values = np.sort(latents[:, columns], axis=0)
        blocks.append(
            {
                "statistic": _kolmogorov_smirnov(
                    prior[columns].cdf(values).numpy().astype(np.float64)
                )
            }
        )
        blocks[-1] |= _moments(values.astype(np.float64), deviations[columns])
    merged = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    p = scipy.stats.kstwo.sf(merged["statistic"], len(latents))
    varies = merged.pop("varies")
    statistic = merged.pop("statistic")
    for name in ("skewness", "excess_kurtosis"):
        merged[name] = merged[name][varies]
    return {
        "level": _LEVEL,
        "rejected_share": float((p < _LEVEL).mean()),
        "rejected_share_holm": _holm(p) / len(p),
        "median_statistic": float(np.median(statistic)),
        "greatest_statistic": float(statistic.max()),
        "levels": _QUANTILES.tolist(),
        **{
            name: np.quantile(v, _QUANTILES).tolist() if len(v) else None
            for name, v in merged.items()
        },
        "constant": int((~varies).sum()),
    }


compare_with_prior.__test__ = False  # its name is not one of a test of ours


def _parts(loop, label, part, count):
    parts = loop.map(
        label, part, range(0, count, EVALUATION_BLOCK), unit=f"{EVALUATION_BLOCK} images"
    )
    return np.concatenate([part["latents"] for part in parts])


def _kolmogorov_smirnov(cdf):
    """The statistic of each column, from the prior's CDF at sorted values `[N, columns]`."""
    steps = np.arange(len(cdf) + 1)[:, np.newaxis] / len(cdf)
    return np.maximum(steps[1:] - cdf, cdf - steps[:-1]).max(axis=0)


def _holm(p):
    """How many hypotheses Holm rejects: p_(i) <= level / (m - i) for i = 0, 1, ..., m - 1.

    It stops at the first hypothesis that it does not reject.
    """
    kept = np.sort(p) > _LEVEL / (len(p) - np.arange(len(p)))
    return int(kept.argmax()) if kept.any() else len(p)


def _moments(values, deviations):
    """Moments of columns `[N, columns]`, scaled first so that no power overflows."""
    scale = np.maximum(np.abs(values).max(axis=0), np.finfo(np.float64).tiny)
    values = values / scale
    mean = values.mean(axis=0)
    centred = values - mean
    variance = np.square(centred).mean(axis=0)
    varies = variance > 0
    standard = centred / np.sqrt(np.where(varies, variance, 1.0))
    corrected = np.sqrt(variance * len(values) / (len(values) - 1))
    return {
        "mean": mean * scale / deviations,
        "deviation": corrected * scale / deviations,
        "skewness": (standard**3).mean(axis=0),
        "excess_kurtosis": (standard**4).mean(axis=0) - 3.0,
        "varies": varies,
    }


def _mean_and_deviation(values):
    """Mean and standard deviation, with standard errors that hold for any distribution.

    The standard error of a standard deviation s with excess kurtosis k is s sqrt((k + 2) / 4N).
    """
    moments = {
        name: float(value[0]) for name, value in _moments(values[:, np.newaxis], np.ones(1)).items()
    }
    deviation, count = moments["deviation"], len(values)
    error = deviation * np.sqrt(max(0.0, moments["excess_kurtosis"] + 2.0) / (4.0 * count))
    return {
        "mean": mean_with_error(values),
        "deviation": {"value": deviation, "standard_error": float(error), "count": count},
    }


def _edges(values, deviation):
    """Bins that hold 99 % of the values and 2.5 of the prior's standard deviations."""
    low, high = np.quantile(values, [0.005, 0.995])
    return np.linspace(min(low, -2.5 * deviation), max(high, 2.5 * deviation), _BINS + 1)


def _histogram(values, edges):
    counts = np.histogram2d(values[:, 0], values[:, 1], edges)[0].astype(int)
    return {"counts": counts.tolist(), "outside": int(len(values) - counts.sum())}


def _chosen(latents, dims):
    try:
        chosen = [int(i) for i in str(latents).split(",")]
    except ValueError:
        chosen = []
    if len(chosen) < 2 or len(set(chosen)) < len(chosen) or not all(0 <= i < dims for i in chosen):
        raise UserError(
            f"--latents={latents} must be two or more different numbers from 0 to {dims - 1}, "
            "separated by commas."
        )
    return chosen

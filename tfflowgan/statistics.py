"""Means with their errors: the one place that computes them, and their one shape in every result.

    value             m = sum_i x_i / n
    standard_error    s / sqrt(n),  s^2 = sum_i (x_i - m)^2 / (n - 1)      for independent x_i
    count             n
    interval          2.5 % and 97.5 % percentiles of the means of 4,000 resamples of n values,
                      drawn with replacement: the percentile bootstrap (Efron, 1979)

A quantile's interval needs no assumption about the values: the number of values below the true
quantile is binomial, so two order statistics enclose it (David & Nagaraja, 2003, section 7.1).

A single value has no standard error: it is None. Where a mean is not known, both are None.
"""

import math
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np
import scipy.stats

__all__ = [
    "Mean",
    "Quantile",
    "finite_or_none",
    "known_value",
    "mean_with_error",
    "mean_with_interval",
    "quantile_with_interval",
    "unknown_mean",
]

_RESAMPLES = 4000
_ROUNDING = 1e-9  # of a rank: 99.9 / 100 is a little more than 0.999 in float64


class Mean(TypedDict):
    """An estimate and how far to trust it, in the unit of its values.

    Attributes:
      value: the estimate, None where it is not known.
      standard_error: of the estimate, None where it is not known.
      count: how many values it is the mean of; results of version 0.1.0 may not tell.
      interval: ends of the 95 % interval, where one was asked for.
    """

    value: float | None
    standard_error: float | None
    count: NotRequired[int]
    interval: NotRequired[list[float]]


class Quantile(TypedDict):
    """A quantile of a population, estimated from a sample of it.

    Attributes:
      value: the least of the values that at least the share does not exceed.
      interval: ends of an interval that covers the population's in at least 95 % of samples; None
        for an end that so few values cannot bound.
      count: how many values there are.
    """

    value: float
    interval: list[float | None]
    count: int


def quantile_with_interval(values: Sequence[float] | np.ndarray, share: float) -> Quantile:
    """The value below which a share of the population lies, with a 95 % interval.

    Args:
      values: finite independent numbers `[n]`.
      share: in (0, 1), such as 0.99.

    Raises:
      ValueError: there are no values, one is not finite, or the share is out of range.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    if ordered.ndim != 1 or not len(ordered) or not np.isfinite(ordered).all():
        raise ValueError(f"values of shape {ordered.shape} must be finite numbers [n] with n > 0.")
    if not 0.0 < share < 1.0:
        raise ValueError(f"share={share} must lie between 0 and 1.")
    rank = max(1, math.ceil(len(ordered) * share - _ROUNDING))
    below = scipy.stats.binom(len(ordered), share)
    low, high = int(below.ppf(0.025)), int(below.ppf(0.975)) + 1
    return {
        "value": float(ordered[rank - 1]),
        "interval": [
            float(ordered[low - 1]) if low > 0 else None,
            float(ordered[high - 1]) if high <= len(ordered) else None,
        ],
        "count": len(ordered),
    }


def mean_with_error(values: Sequence[float] | np.ndarray) -> Mean:
    """The mean of independent values with its standard error, computed in float64.

    Args:
      values: numbers `[n]` of any real dtype; NaN and infinity give a mean that is not finite.

    Returns:
      "value", "standard_error" (None for a single value) and "count".

    Raises:
      ValueError: there are no values, or they have more than one axis.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"values of shape {values.shape} have no mean; it takes shape [n] with n > 0."
        )
    with np.errstate(invalid="ignore", over="ignore"):
        # squares of huge values overflow; a power of two changes no digit
        _, exponent = np.frexp(np.abs(values).max())
        scaled = np.ldexp(values, -exponent)
        mean = float(np.ldexp(scaled.mean(), exponent))
        if len(values) == 1:
            return {"value": mean, "standard_error": None, "count": 1}
        error = float(np.ldexp(scaled.std(ddof=1) / np.sqrt(len(values)), exponent))
    return {"value": mean, "standard_error": error, "count": len(values)}


def mean_with_interval(values: np.ndarray, seed: int) -> Mean:
    """The same as `mean_with_error` with "interval".

    Args:
      values: finite numbers `[n]`.
      seed: of the resamples.
    """
    values = np.asarray(values, np.float64)
    generator = np.random.default_rng(seed)
    draws = generator.integers(len(values), size=(_RESAMPLES, len(values)))
    ends = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return {**mean_with_error(values), "interval": [float(end) for end in ends]}


def finite_or_none(value: Any) -> float | None:
    """A number as JSON can hold it: None for NaN and for infinity."""
    value = float(value)
    return value if math.isfinite(value) else None


def known_value(mean: Mean) -> float:
    """The value of a mean that is known.

    Raises:
      ValueError: it is not known.
    """
    if mean["value"] is None:
        raise ValueError(f"{mean} has no value.")
    return mean["value"]


def unknown_mean(count: int) -> Mean:
    """A mean of `count` values that is not known, such as one where a value is not finite."""
    return {"value": None, "standard_error": None, "count": count}

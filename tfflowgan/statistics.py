"""Means with their errors: the one place that computes them, and their one shape in every result.

    value             m = sum_i x_i / n
    standard_error    s / sqrt(n),  s^2 = sum_i (x_i - m)^2 / (n - 1)      for independent x_i
    count             n
    interval          2.5 % and 97.5 % percentiles of the means of 4,000 resamples of n values,
                      drawn with replacement: the percentile bootstrap (Efron, 1979)

A quantile's interval needs no assumption about the values: the number of values below the true
quantile is binomial, so two order statistics enclose it (David & Nagaraja, 2003, section 7.1).

Values x_ki of K rows and n columns, such as n batches of images read by K critics, are not
independent: those of a row share the critic, those of a column the images. Then

    x_ki = m + a_k + b_i + e_ki                    variances A, B, E
    R = n s^2(row means)                           expected value E + n A, K - 1 degrees of freedom
    C = K s^2(column means)                        expected value E + K B, n - 1
    Q = sum of squared residuals / ((K - 1)(n - 1))                        E
    standard_error^2  = R / (K n)  +  max(C - Q, 0) / (K n)
                        expected value A / K + E / (K n), what rows differ by, plus B / n, what all
                        rows share; so E, which is in the spread of both, counts once
    interval          m +- t standard_error, with Satterthwaite's (1946) degrees of freedom

(Searle, Casella & McCulloch, 1992, section 4.3, for a crossed classification without replication.)

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
    "distribution_distance",
    "finite_or_none",
    "known_value",
    "mean_difference",
    "mean_of_rows",
    "mean_with_error",
    "mean_with_interval",
    "mean_with_t_interval",
    "median_difference",
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


def mean_with_t_interval(values: Sequence[float] | np.ndarray) -> Mean:
    """The same as `mean_with_error` with "interval", by Student's t.

    For few values that are roughly normal, such as one per seed, where a bootstrap is too narrow.

    Args:
      values: numbers `[n]`.

    Returns:
      As `mean_with_error`; a single value has no interval.
    """
    mean = mean_with_error(values)
    if mean["standard_error"] is None:
        return mean
    return _with_t(mean, len(values) - 1.0)


def mean_difference(one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> Mean:
    """The mean of one sample minus that of another, with a 95 % interval by Student's t.

    The variances may differ: the degrees of freedom are Welch's (1947).

    Args:
      one: finite independent numbers `[n]`, n at least 2.
      other: finite independent numbers `[m]`, m at least 2.

    Returns:
      "value", "standard_error", "count" (n + m) and "interval".

    Raises:
      ValueError: a sample has fewer numbers.
    """
    samples = [np.asarray(values, np.float64) for values in (one, other)]
    if min(map(len, samples)) < 2:
        raise ValueError("a difference of means needs 2 values or more on each side.")
    means = [mean_with_error(values) for values in samples]
    squares = [np.square(mean["standard_error"] or 0.0) for mean in means]
    spread = sum(s**2 / (len(v) - 1) for s, v in zip(squares, samples, strict=True))
    found: Mean = {
        "value": known_value(means[0]) - known_value(means[1]),
        "standard_error": float(np.sqrt(sum(squares))),
        "count": sum(map(len, samples)),
    }
    return _with_t(found, float(sum(squares) ** 2 / spread) if spread else 1.0)


def mean_of_rows(values: np.ndarray) -> Mean:
    """The mean of values whose rows and columns each share something; see the module.

    Args:
      values: finite numbers `[K, n]`, K and n at least 2.

    Returns:
      "value", "standard_error", "count" (K n) and "interval".

    Raises:
      ValueError: there are fewer rows or columns.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or min(values.shape) < 2:
        raise ValueError(f"values of shape {values.shape} must have 2 rows and columns, or more.")
    rows, columns = values.shape
    row_means, column_means, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    residuals = values - row_means[:, np.newaxis] - column_means + mean
    by_row, by_column = columns * row_means.var(ddof=1), rows * column_means.var(ddof=1)
    rest = np.square(residuals).sum() / ((rows - 1) * (columns - 1))
    shared = max(by_column - rest, 0.0)
    square = by_row + shared
    found: Mean = {
        "value": float(mean),
        "standard_error": float(np.sqrt(square / values.size)),
        "count": values.size,
    }
    spread = np.square(by_row) / (rows - 1)
    if shared:
        spread += np.square(by_column) / (columns - 1)
        spread += np.square(rest) / ((rows - 1) * (columns - 1))
    return _with_t(found, float(np.square(square) / spread) if spread else rows - 1.0)


def median_difference(
    one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray, seed: int
) -> Mean:
    """The median of one sample minus that of another, with a 95 % interval.

    The interval is the percentile bootstrap, both samples resampled independently: it needs no
    second moments, so tails may be heavy.

    Args:
      one: finite independent numbers `[n]`.
      other: finite independent numbers `[m]`.
      seed: of the resamples.

    Returns:
      "value", "standard_error" None, "count" (n + m) and "interval".
    """
    samples = [np.sort(np.asarray(values, np.float64)) for values in (one, other)]
    generator = np.random.default_rng(seed)
    medians = []
    for values in samples:
        draws = generator.integers(len(values), size=(_RESAMPLES, len(values)))
        medians.append(np.median(values[draws], axis=1))
    difference = medians[0] - medians[1]
    ends = np.quantile(difference, [0.025, 0.975])
    return {
        "value": float(np.median(samples[0]) - np.median(samples[1])),
        "standard_error": None,
        "count": sum(map(len, samples)),
        "interval": [float(end) for end in ends],
    }


def distribution_distance(
    one: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray
) -> Mean:
    """The greatest difference of two cumulative distributions (Kolmogorov-Smirnov).

    Args:
      one: independent numbers `[n]`, infinity among them.
      other: independent numbers `[m]`.

    Returns:
      "value" between 0 and 1, "standard_error" None, "count" (n + m) and "interval", value +- c:
      two samples of one distribution are more than c = 1.36 sqrt(1 / n + 1 / m) apart in 5 % of
      cases (Smirnov, 1948), so that an interval from 0 does not tell them apart, and that of two
      distributions holds their true distance.
    """
    tested: Any = scipy.stats.ks_2samp(one, other, method="asymp")  # SciPy has no types
    value, counts = float(tested.statistic), (len(one), len(other))
    critical = float(scipy.stats.kstwobign.ppf(0.95)) * math.sqrt(sum(1.0 / n for n in counts))
    return {
        "value": value,
        "standard_error": None,
        "count": sum(counts),
        "interval": [max(value - critical, 0.0), min(value + critical, 1.0)],
    }


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


def _with_t(mean: Mean, degrees: float) -> Mean:
    """A mean with the interval of Student's t of so many degrees of freedom."""
    value, error = known_value(mean), mean["standard_error"] or 0.0
    reach = float(scipy.stats.t.ppf(0.975, degrees)) * error
    return {**mean, "interval": [value - reach, value + reach]}

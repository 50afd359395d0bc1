"""Bootstrap intervals of means (Efron, 1979): 95 % percentiles of the means of as many values, drawn with replacement."""

import math

import numpy as np

__all__ = ["interval", "summary"]

_RESAMPLES = 4000


def interval(values: np.ndarray, seed: int) -> list[float]:
    """The ends of the interval of the mean of values `[n]`."""
    draws = np.random.default_rng(seed).integers(len(values), size=(_RESAMPLES, len(values)))
    return [float(q) for q in np.quantile(values[draws].mean(axis=1), [0.025, 0.975])]


def summary(values: np.ndarray, seed: int) -> dict:
    """{"value", "standard_error", "interval"} of the mean of values `[n]`, n at least 2."""
    error = float(values.std(ddof=1) / math.sqrt(len(values)))
    return {"value": float(values.mean()), "standard_error": error, "interval": interval(values, seed)}

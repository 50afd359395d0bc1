"""Statistics of the singular values of Jacobians, and of their log-determinants.

The equations are in `tfflowgan.evaluation.jacobian`.
"""

from typing import Any

import numpy as np

from tfflowgan.statistics import finite_or_none, mean_with_error

__all__ = ["log_dets", "singular_values", "spectrum"]

_LEVELS = np.linspace(0.0, 1.0, 201)  # of the distribution of singular values
_AGREEMENT = 0.01  # largest relative difference of two log-determinants that agree


def singular_values(matrix: np.ndarray) -> np.ndarray:
    """Singular values of a Jacobian `[D, D]`, largest first, decomposed in float64; `[D]`."""
    return np.linalg.svd(matrix.astype(np.float64), compute_uv=False)


def spectrum(values: np.ndarray, dtype: str) -> dict[str, Any]:
    """The statistics of singular values.

    Args:
      values: float64 `[draws, D]`, largest first.
      dtype: that the Jacobians were computed in.

    Returns:
      What `tfflowgan.evaluation.jacobian.evaluate` says of them.
    """
    limits = np.finfo(dtype)
    resolution = values.shape[1] * float(limits.eps) * values[:, 0]
    ranks = (values > resolution[:, np.newaxis]).sum(axis=1)
    logs = np.log10(np.maximum(values, float(limits.tiny)))
    with np.errstate(divide="ignore"):
        conditions = np.where(values[:, -1] > 0, logs[:, 0] - logs[:, -1], np.inf)
    # interpolated quantiles of infinities would be NaN
    low, middle, high = np.quantile(conditions, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        "log10_singular_values": {
            "levels": _LEVELS.tolist(),
            "values": np.quantile(logs, _LEVELS).tolist(),
        },
        "zero_share": float((values == 0).mean()),
        "log10_resolution": float(np.log10(np.maximum(np.median(resolution), float(limits.tiny)))),
        "rank": {
            "mean": float(ranks.mean()),
            "least": int(ranks.min()),
            "greatest": int(ranks.max()),
        },
        "log10_condition_number": {
            "quantile_05": finite_or_none(low),
            "median": finite_or_none(middle),
            "quantile_95": finite_or_none(high),
        },
    }


def log_dets(values: np.ndarray, own: np.ndarray | None) -> dict[str, Any]:
    """Mean log-determinants in nats.

    Args:
      values: singular values, float64 `[draws, D]`.
      own: for flows, log-determinants in closed form, float64 `[draws]`.

    Returns:
      "log_det" and "own_log_det" as `tfflowgan.evaluation.jacobian.evaluate` has them.
    """
    sums = np.log(values).sum(axis=1) if (values > 0).all() else None
    result: dict = {"log_det": None if sums is None else mean_with_error(sums), "own_log_det": None}
    if own is not None:
        difference = None if sums is None else float(np.abs(sums - own).max())
        limit = _AGREEMENT * max(1.0, float(np.abs(own).mean()))
        agrees = difference is not None and difference <= limit
        result["own_log_det"] = {
            **mean_with_error(own),
            "greatest_difference": difference,
            "agrees": agrees,
        }
    return result

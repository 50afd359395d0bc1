"""Does the adversarial loss follow the NLL during training?

Flow-GAN's does not (Grover et al., 2018, section 3.3).

    levels         correlation of a_t with NLL_t                 t: the run's evaluations
    differences    correlation of a_t - a_(t-1) with NLL_t - NLL_(t-1)
                                                                 does a change in one come with
                                                                 a change in the other?

a_t is each of the adversary's values in metrics.jsonl, NLL_t the validation NLL of the same row.
Pearson's correlation is of the values. Spearman's is of their ranks, which a single NLL of 1e9
does not dominate.

Both series have a trend and are autocorrelated, so p-values for independent pairs would be wrong.
The intervals are the 95 % percentiles of a moving-block bootstrap (Kuensch, 1989) of the pairs,
with blocks of n^(1/3) consecutive evaluations. They are too narrow if the series vary slowly. For
independent synthetic series of 30 values that vary over 3 and over 8 values, they exclude 0 in 10
and 26 % of cases instead of 5 % (p-values for independent pairs: 17 and 35 %); for series of 200
values, in 12 and 11 % (20 and 37 %).

A value "follows" the NLL if the interval of Spearman's correlation of levels lies wholly on the
side where both improve together, and "opposes" it if the interval lies wholly on the other side. A
common trend is enough to follow; the differences show whether there is more.
"""

import numpy as np
import scipy.stats

from tfflowgan.errors import UserError
from tfflowgan.runs.run import Run

__all__ = ["SIGNALS", "correlation", "evaluate"]

SIGNALS = {  # sign of the correlation with the NLL if both measure the generator alike
    "generator_loss": 1,
    "distance": 1,
    "critic_loss": -1,
    "independent_train": 1,
    "independent_validation": 1,
    "independent_test": 1,
    "mode_score": -1,
    "inception_score": -1,
}
_ADVERSARIAL = (
    "generator_loss",
    "distance",
    "critic_loss",
    "independent_train",
    "independent_validation",
    "independent_test",
)
_LEAST = 5
_RESAMPLES = 2000
_ROWS = 1000  # of the series for the figure, at most


def evaluate(run: Run, *, seed: int = 0) -> dict:
    """Correlates a run's adversarial values with its validation NLL.

    Args:
      run: a run with a density, and with an adversary or an independent critic.
      seed: for the bootstrap.

    Returns:
      A dict of
        signals: {name: {"levels", "differences": see `correlation`, "sign": of the correlation if
          both improve together, "verdict": "follows", "opposes" or "undecided"}}.
        series: columns of metrics.jsonl.
        evaluations: how many there are.
      and the settings.

    Raises:
      UserError: the run has no adversary, no density, or too few evaluations.
    """
    rows = run.metrics()
    if not any(row.get("validation_nll") is not None for row in rows):
        raise UserError(
            f"{run.path} has no validation NLL to compare with: it has no evaluation yet, or its "
            "generator has no density."
        )
    if not any(row.get(name) is not None for row in rows for name in _ADVERSARIAL):
        raise UserError(
            f"{run.path} has no adversary, so there is no adversarial loss; with "
            "--independent_critic a run measures a distance."
        )
    if len(rows) < _LEAST:
        raise UserError(
            f"{run.path} has {len(rows)} evaluations, and a correlation needs at least {_LEAST}; "
            "train for longer, or set a smaller --monitor_steps."
        )
    nll = _column(rows, "validation_nll")
    known = [name for name in SIGNALS if any(row.get(name) is not None for row in rows)]
    signals = {}
    for name in known:
        values = _column(rows, name)
        levels = correlation(values, nll, seed)
        differences = correlation(np.diff(values), np.diff(nll), seed)
        verdict = _verdict(levels["spearman_interval"], SIGNALS[name])
        signals[name] = {
            "levels": levels,
            "differences": differences,
            "sign": SIGNALS[name],
            "verdict": verdict,
        }
    kept = rows[:: -(-len(rows) // _ROWS)]
    return {
        "signals": signals,
        "series": {
            key: [row.get(key) for row in kept] for key in ("step", "validation_nll", *known)
        },
        "evaluations": len(rows),
        "resamples": _RESAMPLES,
        "seed": seed,
    }


def correlation(x: np.ndarray, y: np.ndarray, seed: int) -> dict:
    """The correlation of two series `[n]`, over the positions where both are finite.

    Args:
      x: one series.
      y: the other.
      seed: for the bootstrap.

    Returns:
      {"count", "pearson", "pearson_interval", "spearman", "spearman_interval", "block", "reason"}.
      If there is no correlation, the values are None and the reason says why.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    count = len(x)
    result = {"count": count, "block": None, "reason": None}
    result |= dict.fromkeys(("pearson", "pearson_interval", "spearman", "spearman_interval"))
    if count < _LEAST - 1:
        return result | {"reason": f"{count} pairs are too few"}
    for series, name in ((x, "the adversary's number"), (y, "the NLL")):
        if np.ptp(series) == 0:
            return result | {"reason": f"{name} is constant"}
    block = max(2, round(count ** (1 / 3)))
    generator = np.random.default_rng(seed)
    starts = generator.integers(count - block + 1, size=(_RESAMPLES, -(-count // block)))
    places = (starts[..., None] + np.arange(block)).reshape(_RESAMPLES, -1)[:, :count]
    for name, (a, b) in {
        "pearson": (x, y),
        "spearman": (scipy.stats.rankdata(x), scipy.stats.rankdata(y)),
    }.items():
        result[name] = float(_pearson(a, b))
        if name == "pearson":
            resampled = _pearson(a[places], b[places])
        else:
            resampled = _pearson(
                scipy.stats.rankdata(a[places], axis=1), scipy.stats.rankdata(b[places], axis=1)
            )
        # a resample of one repeated block may be constant
        resampled = resampled[np.isfinite(resampled)]
        if len(resampled) > _RESAMPLES // 2:
            result[f"{name}_interval"] = [float(q) for q in np.quantile(resampled, [0.025, 0.975])]
    return result | {"block": block}


def _pearson(x, y):
    """Pearson's correlation over the last axis."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (x, y))
    x, y = (  # scaled, because 1e200 squared overflows
        v / np.maximum(np.abs(v).max(axis=-1, keepdims=True), np.finfo(float).tiny) for v in (x, y)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (x * y).sum(axis=-1) / np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return np.clip(value, -1.0, 1.0)


def _verdict(interval, sign):
    if interval is None:
        return "undecided"
    low, high = sorted(sign * end for end in interval)
    return "follows" if low > 0 else "opposes" if high < 0 else "undecided"


def _column(rows, key):
    return np.array([np.nan if row.get(key) is None else row[key] for row in rows], np.float64)

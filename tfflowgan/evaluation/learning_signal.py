"""Does the adversarial loss follow the NLL over a run? Flow-GAN's does not (Grover et al., 2018, section 3.3).

    levels         correlation of a_t with NLL_t                        t: the run's evaluations
    differences    correlation of a_t - a_(t-1) with NLL_t - NLL_(t-1)  does a step in one go with a step in the other

a_t is each of the adversary's numbers in metrics.jsonl, NLL_t the validation NLL beside it. Pearson's correlation is of the
values, Spearman's of their ranks, which one NLL of 1e9 does not decide. Both series trend and remember, so p-values for
independent pairs would be wrong: intervals are the 95 % percentiles of a moving-block bootstrap (Kuensch, 1989) of the pairs,
with blocks of n^(1/3) consecutive evaluations. They are too narrow where series vary slowly: of independent made series of 30
values that vary over 3 and over 8 values they exclude 0 in 10 and 26 % of cases instead of 5 % (p-values for independent pairs:
17 and 35 %), of 200 values in 12 and 11 % (20 and 37 %).

A number "follows" the NLL where the interval of Spearman's correlation of levels lies wholly on the side on which both improve
together, and "opposes" it where it lies wholly on the other. One trend in both is enough to follow: the differences tell
whether there is more.
"""

import numpy as np
import scipy.stats

from tfflowgan.errors import UserError
from tfflowgan.runs.run import Run

__all__ = ["SIGNALS", "correlation", "evaluate"]

SIGNALS = {  # sign of the correlation with the NLL if a number says the same about the generator
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
    """Correlates a run's adversarial numbers with its validation NLL.

    Args:
      run: a run with an adversary, or with an independent critic, and a density.
      seed: of the bootstrap.

    Returns:
      {"signals": {name: {"levels", "differences": see `correlation`, "sign": of the correlation if both improve together,
      "verdict": "follows", "opposes" or "undecided"}}, "series": columns of metrics.jsonl, "evaluations": their count, and the
      settings}.

    Raises:
      UserError: the run has no adversary, no density, or too few evaluations.
    """
    rows = run.metrics()
    if not any(row.get("validation_nll") is not None for row in rows):
        raise UserError(
            f"{run.path} has no validation NLL to compare with: no evaluation yet, or a generator without a density."
        )
    if not any(row.get(name) is not None for row in rows for name in _ADVERSARIAL):
        raise UserError(
            f"{run.path} has no adversary, so there is no adversarial loss; with --independent_critic a run measures a distance."
        )
    if len(rows) < _LEAST:
        raise UserError(
            f"{run.path} has {len(rows)} evaluations, and a correlation needs at least {_LEAST}; train longer, or give a smaller "
            "--monitor_steps."
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
    """The correlation of two series, `[n]`, over the places where both are finite.

    Args:
      x: one.
      y: the other.
      seed: of the bootstrap.

    Returns:
      {"count", "pearson", "pearson_interval", "spearman", "spearman_interval", "block", "reason"}; the values are None, and the
      reason says why, where there is no correlation.
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
        resampled = resampled[
            np.isfinite(resampled)
        ]  # a resample of one block repeated may be constant
        if len(resampled) > _RESAMPLES // 2:
            result[f"{name}_interval"] = [float(q) for q in np.quantile(resampled, [0.025, 0.975])]
    return result | {"block": block}


def _pearson(x, y):
    """Pearson's correlation over the last axis."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (x, y))
    x, y = (
        v / np.maximum(np.abs(v).max(axis=-1, keepdims=True), np.finfo(float).tiny) for v in (x, y)
    )  # 1e200 squared overflows
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

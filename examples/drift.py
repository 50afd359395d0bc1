#!/usr/bin/env python3
"""Do a day's images score as the model's held-out images did?

    examples/drift.py --scores=scores.csv --card=saved_models/NAME/card.yaml

The scores are bits per dimension, the column `bits_per_dim` of a table such as bin/score writes.
The card gives what held-out images score: thresholds, and a histogram. This reports

    beyond a threshold   the share of the day's images, with an exact 95 % interval (Clopper &
                         Pearson, 1934), beside the share that was expected
    PSI                  sum_i (p_i - q_i) ln(p_i / q_i), the population stability index of the
                         shares p of the day and q of the card, in ten bins of about equal shares q
    p value              how often the PSI is as large without drift: 2,000 times, both histograms
                         are drawn again, with their own counts, from what both have in common

PSI by itself means little: without drift, its mean is about 9 (1 / n + 1 / m) for n and m images,
which for a day of 50 passes the 0.1 that is often taken for a change. So the p value decides, at
0.01. Exit code: 0 without drift, 3 with it.

Score with the draws of noise for which the card was made: the signatures `bits_per_dim` and
`score_encoded` do, and bin/score does.
"""

import argparse
import csv
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import numpy as np
import scipy.stats

from tfflowgan.errors import UserError
from tfflowgan.serving import model_card

_BINS = 10
_RESAMPLES = 2000
_DRIFT = 3  # exit code
_LEVEL = 0.01  # of the p value below which it is called drift


def main() -> None:
    """Prints the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scores", required=True, help="CSV with a column bits_per_dim")
    parser.add_argument("--card", required=True, help="card.yaml of the model")
    parser.add_argument("--seed", type=int, default=0, help="of the resamples")
    values = parser.parse_args()
    try:
        bits, without = read_scores(pathlib.Path(values.scores))
        if without:
            print(f"{without} rows of --scores={values.scores} have no score and are left out.")
        card = model_card.read_file(pathlib.Path(values.card))
        found = compare(bits, card, values.seed)
    except UserError as error:
        sys.exit(f"drift.py: {error}")
    print(text(found))
    sys.exit(_DRIFT if found["p_value"] < _LEVEL else 0)


def read_scores(path: pathlib.Path) -> tuple[np.ndarray, int]:
    """The column bits_per_dim, float64 `[N]`, and how many rows have no score.

    Raises:
      UserError: there is no such file, column or score, or a score is no finite number.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            texts = [row["bits_per_dim"] for row in csv.DictReader(file)]
        bits = np.array([float(text) for text in texts if text], np.float64)
    except (OSError, UnicodeDecodeError, KeyError, ValueError):
        raise UserError(f"--scores={path} must be a CSV with numbers in bits_per_dim.") from None
    if not len(bits) or not np.isfinite(bits).all():
        raise UserError(f"--scores={path} must have finite numbers in bits_per_dim.")
    return bits, len(texts) - len(bits)


def compare(bits: np.ndarray, card: dict, seed: int = 0) -> dict:
    """A day's scores against a card.

    Args:
      bits: bits per dimension `[N]`.
      card: with "thresholds" and "bits_per_dim_histogram".
      seed: of the resamples.

    Returns:
      {"count", "held_out", "draws", "beyond": one dict per threshold, "psi", "p_value"}.

    Raises:
      UserError: the card has no thresholds.
    """
    try:
        thresholds, histogram = card["thresholds"], card["bits_per_dim_histogram"]["test"]
    except KeyError as error:
        raise UserError(f"--card has no {error}; bin/export --card writes one that has.") from None
    beyond = []
    for percent, threshold in thresholds["bits_per_dim"].items():
        above = int((bits > threshold["value"]).sum())
        interval = scipy.stats.binomtest(above, len(bits)).proportion_ci(method="exact")
        expected = 1 - float(percent) / 100
        beyond.append(
            {
                "threshold": threshold["value"],
                "expected": expected,
                "share": above / len(bits),
                "interval": [float(interval.low), float(interval.high)],
            }
        )
    day, held_out = binned(bits, histogram)
    psi, p_value = stability(day, held_out, seed)
    counts = {"count": len(bits), "held_out": thresholds["count"], "draws": thresholds["draws"]}
    return {**counts, "beyond": beyond, "psi": psi, "p_value": p_value}


def binned(bits: np.ndarray, histogram: dict) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the day and of the card in bins of about equal counts of the card, `[K]` each.

    What lies outside the card's histogram counts in its first and last bin.
    """
    edges, counts = np.asarray(histogram["edges"]), np.asarray(histogram["counts"])
    below = np.concatenate([[0], counts.cumsum()])
    wanted = below[-1] * np.arange(1, _BINS) / _BINS
    inner = np.unique(np.abs(below[:, np.newaxis] - wanted).argmin(axis=0))
    inner = inner[(below[inner] > 0) & (below[inner] < below[-1])]
    held_out = np.diff(np.concatenate([[0], below[inner], below[-1:]]))
    day = np.bincount(np.searchsorted(edges[inner], bits, "right"), minlength=len(held_out))
    return day, held_out


def stability(day: np.ndarray, held_out: np.ndarray, seed: int) -> tuple[float, float]:
    """The population stability index of two histograms, and its p value without drift."""
    random = np.random.default_rng(seed)
    common = (day + held_out) / (day.sum() + held_out.sum())
    days = random.multinomial(day.sum(), common, _RESAMPLES)
    cards = random.multinomial(held_out.sum(), common, _RESAMPLES)
    found = _psi(day[np.newaxis], held_out[np.newaxis])[0]
    larger = int((_psi(days, cards) >= found).sum())
    return float(found), (larger + 1) / (_RESAMPLES + 1)


def _psi(day, held_out):
    """Indices `[B]` of counts `[B, K]`; half an image more in each bin, as one may be empty."""
    p, q = (
        (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True) for counts in (day, held_out)
    )
    return ((p - q) * np.log(p / q)).sum(axis=1)


def text(found: dict) -> str:
    """What is printed."""
    lines = [f"{found['count']} images against {found['held_out']} held-out ones"]
    for row in found["beyond"]:
        low, high = (f"{100 * end:.2f}" for end in row["interval"])
        lines.append(
            f"above {row['threshold']:.4f} bits/dim: {100 * row['share']:.2f} % ({low} to {high}), "
            f"{100 * row['expected']:.1f} % expected"
        )
    verdict = "drift" if found["p_value"] < _LEVEL else "no drift found"
    lines.append(f"PSI {found['psi']:.4f}, p value {found['p_value']:.4f}: {verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

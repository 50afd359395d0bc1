"""Runs whose numbers are given, for tests of what artefacts say of them."""

import math
import pathlib

import numpy as np

from papers import artefact
from papers.finished_run import FinishedRun
from tfflowgan.statistics import mean_of_rows

DIMS = 4 * 4 * 1
BIT = DIMS * math.log(2.0)  # nats of a bit a dimension


class Made(FinishedRun):
    """A run whose numbers are given."""

    def result(self, name, select=None, dtype=None):
        assert (name, select, dtype) in self.__dict__["needs"]  # or the plan would not have made it
        return self.__dict__["results"][name]

    def nll_above(self, other, select, part="test", other_select=None):
        sides = ((self, select), (other, other_select or select))
        one, two = (run.result("likelihood", which)[part]["nll"]["value"] for run, which in sides)
        return mean(one - two, 0.5)

    def arrays(self, name, select=None, dtype=None):
        return self.result(name, select, dtype)["arrays"]


def mean(value, error=0.1):
    """A mean with its error."""
    return {"value": value, "standard_error": error}


def made(rows=(), results=None, config=None, seeds=()):
    run = Made("made", pathlib.Path(), seeds=list(seeds))
    run.__dict__.update(
        rows=list(rows), results=results or {}, config={"init_from": None} | (config or {})
    )
    run.__dict__.update(
        data={"name": "mnist", "image_shape": [4, 4, 1], "fingerprint": "f"},
        end={"step": 10, "seconds": 60.0},
    )
    return run


def flat(score, readings=20):
    """Readings of a score that no longer rises."""
    return [{"step": step, "mode_score": score} for step in range(1, readings + 1)]


def both(train, validation):
    return [
        {"step": i, "train_nll": a, "validation_nll": b}
        for i, (a, b) in enumerate(zip(train, validation, strict=True))
    ]


def nats(bits):
    return (bits - 8.0) * BIT


def likelihood(validation, train=None, own=None):
    """A result of `likelihood`: bits/dim of single images."""
    parts = {"validation": validation, "train": validation if train is None else train}
    parts |= {"test": validation, "own_samples": validation if own is None else own}
    arrays = {part: nats(np.asarray(bits, np.float64)) for part, bits in parts.items()}
    result = {part: {"bits_per_dim": mean_of(bits)} for part, bits in parts.items()}
    return {"likelihood": result | {"arrays": arrays}}


def mean_of(values):
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        return mean(float(values.mean()), math.nan)
    return mean(float(values.mean()), values.std(ddof=1) / math.sqrt(len(values)))


def critics(test, train=None, validation=None, spread=0.001, seed=0):
    """A result of `critic_distance`: readings around the distances, the same noise in every run."""
    noise = np.random.default_rng(seed).standard_normal((3, 3, 12)) * spread
    noise -= noise.mean(axis=(1, 2), keepdims=True)
    given = (test, test if train is None else train, test if validation is None else validation)
    arrays = {
        part: value + one
        for part, value, one in zip(("test", "train", "validation"), given, noise, strict=True)
    }
    gap = mean_of_rows(arrays["test"] - arrays["train"])
    settings = {"seeds": [0, 1, 2], "updates": 5, "batch": 8, "readings": 12}
    distances = {part: mean_of_rows(values) for part, values in arrays.items()}
    result = {"distances": distances, "overfitting_gap": gap, "critic": settings}
    return {"critic_distance": result | {"arrays": arrays}}


def claims(name, found):
    module = artefact.load(name)
    for label, run in found.items():
        for one in [run, *run.seeds]:
            one.__dict__["needs"] = {
                evaluation.key for evaluation in artefact.evaluations(module, label)
            }
    rendered = module.render(found)
    assert rendered.headline or name == "grover/figure2"  # which needs both objectives
    return [claim.holds for claim in rendered.claims]


def spectrum(low, high, log_det=None):
    levels = [i / 20 for i in range(21)]
    quantiles = {"levels": levels, "values": [low + (high - low) * level for level in levels]}
    own = (
        None
        if log_det is None
        else mean(log_det, 1.0) | {"agrees": True, "greatest_difference": 0.0}
    )
    result = {
        "log10_singular_values": quantiles,
        "own_log_det": own,
        "log_det": own,
        "draws": 2,
        "dtype": "float64",
    }
    result["dims"] = DIMS
    result |= {
        "log10_condition_number": {"quantile_05": 1.0, "median": 1.0, "quantile_95": 1.0},
        "rank": {"mean": 16.0},
    }
    return made(
        flat(7.0),
        results={"jacobian": result | {"log10_resolution": -12.0, "zero_share": 0.0, "seed": 0}},
    )

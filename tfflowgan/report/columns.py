"""The columns of `metrics.jsonl`: what each number is, its unit, and when it is written.

A run writes one line at every evaluation. A value that is not finite is null. Whatever draws,
compares or documents these numbers reads this table. `tfflowgan.training.monitor` measures them.
"""

import dataclasses
from typing import Literal

__all__ = ["COLUMNS", "Column", "best"]


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of `metrics.jsonl`.

    Attributes:
      name: its key in a line.
      text: what it is.
      unit: "" for a number without one.
      when: in which runs it is written.
      better: which values are better; None where neither are.
    """

    name: str
    text: str
    unit: str = ""
    when: str = "always"
    better: Literal["lower", "higher"] | None = None


_MEAN = "mean since the last line: "
_FLOW, _ADVERSARY = "of a flow", "with an adversary"
_LIKELIHOOD, _CRITIC = "with a likelihood", "with --independent_critic"
_CLASSIFIER = "with --classifier"
_DISTANCE = "the independent critic's distance of samples from {} images, over 16 batches"

_ALL = (
    Column("data", "name and source of the images, as text: the same in every line"),
    Column("epoch", "passes over the training images so far, with fractions", "epochs"),
    Column("step", "generator steps so far", "steps"),
    Column(
        "seconds",
        "time that the run has taken so far, in all its sessions, with its earlier evaluations",
        "seconds",
    ),
    Column("loss", _MEAN + "the generator's whole loss"),
    Column("generator_loss", _MEAN + "the adversary's part of it", when=_ADVERSARY),
    Column("nll", _MEAN + "the NLL of training batches", "nats per image", _LIKELIHOOD, "lower"),
    Column("gradient_norm", _MEAN + "global norm of the generator's gradient before clipping"),
    Column("critic_loss", _MEAN + "the critic's, at its last update of a step", when=_ADVERSARY),
    Column(
        "distance",
        _MEAN + "what the training critic estimates, at its last update of a step",
        "the critic's",
        _ADVERSARY,
    ),
    Column(
        "critic_gradient_norm",
        _MEAN + "global norm of the critic's gradient",
        when=_ADVERSARY,
    ),
    Column("learning_rate", "the generator's, at that step"),
    Column("train_nll", "NLL of the first 1,000 training images", "nats per image", _FLOW, "lower"),
    Column("train_bits_per_dim", "the same", "bits/dim", _FLOW, "lower"),
    Column("validation_nll", "NLL of all validation images", "nats per image", _FLOW, "lower"),
    Column("validation_bits_per_dim", "the same", "bits/dim", _FLOW, "lower"),
    Column(
        "min_log_scale",
        "smallest log-scale of all couplings, scalings and mixings of channels, from latents to "
        "images, on 64 validation images",
        when=_FLOW,
    ),
    Column("max_log_scale", "the largest", when=_FLOW),
    Column(
        "inverse_error",
        "greatest |decode(encode(x)) - x| on 64 validation images",
        "pixels' range",
        _FLOW,
        "lower",
    ),
    Column("independent_train", _DISTANCE.format("training"), "the critic's", _CRITIC, "lower"),
    Column(
        "independent_validation", _DISTANCE.format("validation"), "the critic's", _CRITIC, "lower"
    ),
    Column("independent_test", _DISTANCE.format("test"), "the critic's", _CRITIC, "lower"),
    Column("inception_score", "of --score_samples samples", "", _CLASSIFIER, "higher"),
    Column(
        "mode_score",
        "of the same samples; null where the images have no labels",
        "",
        _CLASSIFIER,
        "higher",
    ),
)
COLUMNS = {column.name: column for column in _ALL}


def best(rows: list[dict], name: str) -> float | None:
    """The best value of a column over all lines; None if it has none, or none is better."""
    known = [row[name] for row in rows if row.get(name) is not None]
    better = COLUMNS[name].better if name in COLUMNS else None
    if not known or better is None:
        return None
    return min(known) if better == "lower" else max(known)

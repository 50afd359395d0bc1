"""What the card of a trained generator says: how it was made, and what it scores."""

import dataclasses
import shlex

from tfflowgan import config, datasets, units
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.evaluation._run_evaluator import RunEvaluator
from tfflowgan.metrics.classifier import classifier_path
from tfflowgan.serving import model_card
from tfflowgan.training.resolve import resolve

__all__ = ["COMPARED", "describe"]

COMPARED = 1000  # test images whose NLL anyone can compute again in a moment


def describe(subject: RunEvaluator) -> dict:
    """A card's values but for the files': evaluations that are not there yet are run.

    Args:
      subject: a finished run.

    Raises:
      UserError: the run has not ended, or an evaluation does not work.
    """
    run, settings = subject.run, subject.run.config()
    finished = run.finished()
    if finished is None:
        raise UserError(f"--run={run.path} has not ended; its card is written when it has.")
    data = run.data()
    card = {
        "preset": settings.preset,
        "command": command(settings),
        "model": subject.generator.spec,
        "parameters": subject.generator.count_params(),
        "data": {name: value for name, value in data.items() if name != "provenance"},
        "data_licence": datasets.licence(settings.dataset),
        "init_from": run.init_from(),
        "seed": settings.seed,
        "select": subject.select or settings.select or "nll",
        "epochs": finished["epoch"],
        "steps": finished["step"],
        "seconds": finished["seconds"],
        **model_card.origin(data["provenance"]),
    }
    if subject.generator.has_density:
        whole, _ = subject.evaluate("likelihood", {})
        first, _ = subject.evaluate("likelihood", {"limit": COMPARED})
        card["test"] = _flat(whole["test"])
        card[f"test_first_{COMPARED}"] = _flat(first["test"])
        card["bits_per_dim_histogram"] = {
            name: _in_bits(whole["histogram"][name], whole["dims"]) for name in ("train", "test")
        }
    try:
        classifier_path(None, settings.dataset)
    except UserError:
        return card | {"scores": None}
    scores, _ = subject.evaluate("sample_scores", {})
    return card | {"scores": {part: _scores(scores[part]) for part in ("samples", "test")}}


def command(settings: Config) -> str:
    """The command that trains the same: what differs from its preset, with places left open."""
    preset = Config(**(config.from_preset(settings.preset) if settings.preset else {}))
    plain = resolve(preset)
    filled = resolve(
        dataclasses.replace(preset, **{name: getattr(settings, name) for name in _CHOICES})
    )
    flags = [f"--preset={settings.preset}"] if settings.preset else []
    for field in dataclasses.fields(Config):
        name, value = field.name, getattr(settings, field.name)
        before = getattr(plain if name in _CHOICES else filled, name)
        if name not in _ELSEWHERE and value != before:
            value = _PLACES.get(name, str(value).lower() if isinstance(value, bool) else value)
            flags.append(shlex.quote(f"--{name}={value}"))
    return " ".join(["bin/train", *flags])


_CHOICES = (
    "dataset",
    "flow",
    "generator",
    "objective",
    "adversary",
    "critic",
    "init_from",
)  # other defaults hang on these
_PLACES = {
    "data_dir": "DIR",
    "init_from": "RUN",
    "classifier": "MODEL",
}  # where they are is nobody else's business
_ELSEWHERE = (
    "preset",
    "data_source",
    "strategy",
    "checkpoint_minutes",
)  # said before, or of the machine


def _scores(found):
    means = {name: found[name]["value"] for name in ("inception_score", "mode_score")}
    return {"count": found["count"], **means, "fid": found["fid"]}


def _flat(values):
    """A card's keys: NAME and NAME_standard_error side by side, rounded."""
    flat = {}
    for name, found in values.items():
        if isinstance(found, dict):
            flat |= {name: found["value"], f"{name}_standard_error": found["standard_error"]}
        else:
            flat[name] = found
    return {name: value if value is None else round(value, 6) for name, value in flat.items()}


def _in_bits(histogram, dims):
    return {
        "edges": [round(units.bits_per_dim(-nll, dims), 5) for nll in histogram["edges"]],
        "counts": histogram["counts"],
    }

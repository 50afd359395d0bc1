"""The contents of a trained generator's model card: how it was trained, and its scores."""

import dataclasses
import pathlib
import shlex

from tfflowgan import config, datasets, own_code, tf32, units
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.evaluation._run_evaluator import RunEvaluator
from tfflowgan.evaluation._thresholds import histogram, served_bits_per_dim, thresholds
from tfflowgan.metrics.classifier import classifier_path
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.serving import model_card
from tfflowgan.serving.signatures import DRAWS
from tfflowgan.training.resolve import resolve

__all__ = ["COMPARED", "card_values"]

COMPARED = 1000  # test images; few enough for anyone to recompute their NLL in a moment


@tf32.allowed(False)
def card_values(evaluator: RunEvaluator, draws: int = DRAWS) -> dict:
    """A card's values, except those about the files. Missing evaluations are run.

    Args:
      evaluator: a finished run.
      draws: noise draws of the model's signature `bits_per_dim`, whose thresholds the card gives.

    Raises:
      UserError: the run has not finished, or an evaluation fails.
    """
    run, settings = evaluator.run, evaluator.run.config()
    finished, data = run.finished(), run.data()
    if finished is None or data is None:
        raise UserError(f"--run={run.path} has not finished; a model card needs a finished run.")
    card = {
        "preset": settings.preset,
        "command": command(settings),
        "model": _without_folders(evaluator.generator.spec),
        "parameters": evaluator.generator.count_params(),
        "data": {name: value for name, value in data.items() if name != "provenance"},
        "data_licence": datasets.licence(settings.dataset),
        "init_from": run.init_from(),
        "seed": settings.seed,
        "select": evaluator.select or settings.select or "nll",
        "epochs": finished["epoch"],
        "steps": finished["step"],
        "seconds": finished["seconds"],
        **model_card.origin(data["provenance"]),
    }
    if evaluator.generator.has_density:
        whole, _ = evaluator.evaluate("likelihood", {})
        first, _ = evaluator.evaluate("likelihood", {"limit": COMPARED})
        card["test"] = _flat(whole["test"])
        card[f"test_first_{COMPARED}"] = _flat(first["test"])
        bits = served_bits_per_dim(
            evaluator.generator, evaluator.splits.test, draws, ResumableLoop(shown=True)
        )
        card["thresholds"] = thresholds(bits, draws)
        card["bits_per_dim_histogram"] = {
            "train": _in_bits(whole["histogram"]["train"], whole["dims"]),
            "test": histogram(bits),
        }
    try:
        classifier_path(None, settings.dataset)
    except UserError:
        return card | {"scores": None}
    scores, _ = evaluator.evaluate("sample_scores", {})
    return card | {"scores": {part: _scores(scores[part]) for part in ("samples", "test")}}


def command(settings: Config) -> str:
    """The command that repeats a training run, with placeholders for paths.

    It lists what differs from the preset.
    """
    preset = Config(**(config.from_preset(settings.preset) if settings.preset else {}))
    plain = resolve(preset)
    filled = resolve(
        dataclasses.replace(preset, **{name: getattr(settings, name) for name in _CHOICES})
    )
    flags = [f"--preset={settings.preset}"] if settings.preset else []
    for field in dataclasses.fields(Config):
        name, value = field.name, getattr(settings, field.name)
        before = getattr(plain if name in _CHOICES else filled, name)
        if own_code.is_code(value) and value != before:
            flags.append(shlex.quote(f"--{name}={own_code.shown(value)}"))
        elif name not in _ELSEWHERE and value != before:
            value = _PLACES.get(name, str(value).lower() if isinstance(value, bool) else value)
            flags.append(shlex.quote(f"--{name}={value}"))
    return " ".join(["bin/train", *flags])


_CHOICES = (  # the defaults of other settings depend on these
    "dataset",
    "flow",
    "generator",
    "objective",
    "adversary",
    "critic",
    "init_from",
)
_PLACES = {"data_dir": "DIR", "init_from": "RUN", "classifier": "MODEL"}  # paths are private
_ELSEWHERE = (  # stated before, or properties of the machine
    "preset",
    "data_source",
    "strategy",
    "checkpoint_minutes",
    "monitor_batch",
)


def _without_folders(spec):
    """A model's specification in which files of code have no folders, which are private."""
    code = {pathlib.Path(path).name: sha256 for path, sha256 in spec.get("code", {}).items()}
    shown = {name: own_code.shown(v) if own_code.is_code(v) else v for name, v in spec.items()}
    return shown | ({"code": code} if code else {})


def _scores(scores):
    means = {name: scores[name]["value"] for name in ("inception_score", "mode_score")}
    return {"count": scores["count"], **means, "fid": scores["fid"]}


def _flat(values):
    """A card's keys: NAME and NAME_standard_error side by side, rounded."""
    flat = {}
    for name, entry in values.items():
        if isinstance(entry, dict):
            flat |= {name: entry["value"], f"{name}_standard_error": entry["standard_error"]}
        else:
            flat[name] = entry
    return {name: value if value is None else round(value, 6) for name, value in flat.items()}


def _in_bits(histogram, dims):
    return {
        "edges": [round(units.bits_per_dim(-nll, dims), 5) for nll in histogram["edges"]],
        "counts": histogram["counts"],
    }

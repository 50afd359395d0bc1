"""How the settings of an artefact's runs differ: from each other, and from the paper's."""

import functools
import json

from papers.commands import run_module
from papers.finished_run import FinishedRun
from papers.recipes import RECIPES, From
from tfflowgan.errors import UserError

__all__ = ["differences", "differences_from_paper"]

_INCIDENTAL = {  # settings that name folders or images, or say what is recorded
    *("preset", "dataset", "data_dir", "data_source", "image_size", "flips", "minutes", "seed"),
    *("strategy", "run", "output", "monitor_steps", "select", "snapshots", "classifier"),
    *("score_samples", "checkpoint_minutes", "deterministic", "independent_critic"),
    *("independent_steps",),
}
_IN_TABLE_OF_RUNS = {"init_from", "epochs"}


def differences(runs: dict[str, FinishedRun]) -> dict[str, list[str]]:
    """Settings that the runs do not share.

    Returns:
      Setting -> its value in each run, in the order of runs; "-" where a run does not have it.
    """
    configs = [run.config for run in runs.values()]
    names = dict.fromkeys(name for config in configs for name in config)
    values = {
        name: [_as_text(config.get(name)) for config in configs]
        for name in names
        if name not in _INCIDENTAL | _IN_TABLE_OF_RUNS
    }
    return {name: row for name, row in values.items() if len(set(row)) > 1}


def differences_from_paper(recipe: str, run: FinishedRun) -> list[str] | None:
    """Settings that are not those of the recipe at the paper's scale.

    Args:
      recipe: name of a recipe of `bin/train`.
      run: a run of it at another scale.

    Returns:
      Such as "width 8 (16)", the paper's in brackets; None if the paper's scale has no such recipe.
    """
    paper = _paper_settings().get(recipe)
    if paper is None:
        return None
    config = run.config | {"init_from": (run.config.get("init_from") or "").split("/")[-1] or None}
    return [
        f"{name} {_as_text(config.get(name))} ({_as_text(paper[name])})"
        for name in paper
        if name not in _INCIDENTAL and _as_text(run.config.get(name)) != _as_text(paper[name])
    ]


@functools.cache
def _paper_settings() -> dict[str, dict]:
    """The complete settings of all recipes of `bin/train` at the paper's scale, by name."""
    recipes = {
        name: {
            flag: value
            for flag, value in recipe.flags["paper"].items()
            if flag != "classifier" and not isinstance(value, From)  # folders that need not exist
        }
        for name, recipe in RECIPES.items()
        if recipe.command == "train" and "paper" in recipe.flags
    }
    try:
        return json.loads(
            run_module("tfflowgan.training.resolve_many", [], stdin=json.dumps(recipes))
        )
    except UserError as error:
        raise UserError(f"the recipes at --scale=paper cannot be read: {error}") from None


def _as_text(setting) -> str:
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    if setting is None:
        return "-"
    return f"{setting:g}" if isinstance(setting, float) else str(setting)

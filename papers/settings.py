"""How the settings of an artefact's runs differ: from each other, and from the paper's."""

import functools
import json
import subprocess
import sys

from papers.execute import environment
from papers.finished_run import FinishedRun
from papers.recipes import RECIPES, From
from tfflowgan.errors import UserError

__all__ = ["apart", "unlike_paper"]

_INCIDENTAL = {  # settings that name places or images, or say what is recorded
    *("preset", "dataset", "data_dir", "data_source", "image_size", "flips", "minutes", "seed", "strategy", "run", "output"),
    *("monitor_steps", "select", "snapshots", "classifier", "score_samples", "checkpoint_minutes", "deterministic"),
    *("independent_critic", "independent_steps"),
}
_SHOWN = {"init_from", "epochs"}  # which the table of runs has
_RESOLVE = """
import json, sys
from tfflowgan import config
from tfflowgan.training.resolve import resolve
settings = {}
for name, flags in json.load(sys.stdin).items():
    base = config.from_preset(flags.pop("preset")) if "preset" in flags else {}
    settings[name] = vars(resolve(config.Config(**config.override(base, flags, "the recipe"))))
print("SETTINGS" + json.dumps(settings))
"""


def apart(found: dict[str, FinishedRun]) -> dict[str, list[str]]:
    """Settings that the runs do not share, each with its values in the order of runs; "-" where a run has none."""
    configs = [run.config for run in found.values()]
    names = [name for name in {name: None for config in configs for name in config} if name not in _INCIDENTAL | _SHOWN]
    values = {name: [_typed(config.get(name)) for config in configs] for name in names}
    return {name: of for name, of in values.items() if len(set(of)) > 1}


def unlike_paper(recipe: str, run: FinishedRun) -> list[str] | None:
    """Settings that are not those of the recipe at the paper's scale, as "width 8 (16)"; None where there is no such recipe.

    Args:
      recipe: of `recipes`, of `bin/train`.
      run: made by it at another scale.
    """
    paper = _paper().get(recipe)
    if paper is None:
        return None
    names = [name for name in paper if name not in _INCIDENTAL and _typed(run.config.get(name)) != _typed(paper[name])]
    ours = run.config | {"init_from": run.config.get("init_from") and run.config["init_from"].split("/")[-1]}
    return [f"{name} {_typed(ours.get(name))} ({_typed(paper[name])})" for name in names]


@functools.cache
def _paper():
    """The complete settings of all recipes of `bin/train` at the paper's scale; by another process, as that takes TensorFlow."""
    recipes = {
        name: recipe.flags["paper"] for name, recipe in RECIPES.items() if recipe.command == "train" and "paper" in recipe.flags
    }
    wanted = {
        name: {flag: value for flag, value in flags.items() if flag != "classifier" and not isinstance(value, From)}
        for name, flags in recipes.items()
    }
    process = [sys.executable, "-c", _RESOLVE]
    done = subprocess.run(process, input=json.dumps(wanted), capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise UserError(f"the recipes at --scale=paper cannot be read: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("SETTINGS")).removeprefix("SETTINGS"))


def _typed(setting):
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return "-" if setting is None else f"{setting:g}" if isinstance(setting, float) else str(setting)

"""Checks what the runs of a plan read, before hours are spent on the first of them."""

import pathlib

from papers.commands import run_module
from papers.execute import is_trained
from papers.plan import Plan
from tfflowgan import plugins
from tfflowgan.errors import UserError

__all__ = ["check", "check_classifiers"]


def check(plan: Plan) -> None:
    """Checks that unfinished runs have their classifiers and images; downloads images where it can.

    CelebA is left to the first run that reads it, because preparing it takes long.

    Raises:
      UserError: a classifier is missing, or no source has the images.
    """
    check_classifiers(plan)
    datasets: dict[str | None, set[str]] = {}  # by the folder of their files
    for settings in _unfinished(plan):
        if settings.get("data_source") != "embedded" and settings["dataset"] != "celeb_a":
            datasets.setdefault(settings.get("data_dir"), set()).add(settings["dataset"])
    for data_dir, names in datasets.items():
        folder = [] if data_dir is None else [f"--data_dir={data_dir}"]
        run_module("tfflowgan.datasets", [*sorted(names), *folder])


def check_classifiers(plan: Plan) -> None:
    """Checks that unfinished runs have their classifiers.

    Raises:
      UserError: one is missing.
    """
    folders = [s["classifier"] for s in _unfinished(plan) if "classifier" in s]
    for folder in dict.fromkeys(folders):
        if not pathlib.Path(folder).is_dir():
            raise UserError(
                f"{folder} is not there, and runs need it for their scores; start in the folder of "
                "the repository, or make it with bin/train_classifier as docs/guides/reproduce.md "
                "says."
            )


def _unfinished(plan: Plan) -> list[dict]:
    """The settings of runs that are not finished: their flags over those of their presets."""
    return [_settings(training.flags) for training in plan.runs if not is_trained(training)]


def _settings(flags: dict) -> dict:
    if "preset" not in flags:
        return flags
    return plugins.load("presets", flags["preset"], "preset").PRESET | flags

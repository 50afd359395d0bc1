"""What the runs of a plan read, looked at before hours are spent on the first of them."""

import importlib
import pathlib
import subprocess
import sys

from papers.execute import environment, is_trained
from papers.plan import Plan
from tfflowgan.errors import UserError

__all__ = ["check", "check_classifiers"]

_LOAD = """
import sys
from tfflowgan import datasets
from tfflowgan.errors import UserError
for name, folder in zip(*[iter(sys.argv[1:])] * 2):
    try:
        datasets.load(name, folder or None)
    except UserError as error:
        sys.exit(str(error))
"""


def check(plan: Plan) -> None:
    """Looks for classifiers and images of the runs that are not finished; images that can be downloaded are.

    CelebA is left to the first run that reads it, because that takes long.

    Raises:
      UserError: a classifier is not there, or no source has the images.
    """
    check_classifiers(plan)
    todo = _todo(plan)
    files = [flags for flags in todo if flags.get("data_source") != "embedded" and flags["dataset"] != "celeb_a"]
    images = {(flags["dataset"], flags.get("data_dir", "")) for flags in files}
    if images:
        process = [sys.executable, "-c", _LOAD, *(word for pair in sorted(images) for word in pair)]
        done = subprocess.run(process, capture_output=True, text=True, check=False, env=environment())
        if done.returncode:
            raise UserError(done.stderr.strip().splitlines()[-1])


def check_classifiers(plan: Plan) -> None:
    """Looks for the classifiers alone.

    Raises:
      UserError: one is not there.
    """
    for folder in dict.fromkeys(flags["classifier"] for flags in _todo(plan) if "classifier" in flags):
        if not pathlib.Path(folder).is_dir():
            raise UserError(
                f"{folder} is not there, and runs need it for their scores; start in the folder of the repository, "
                "or make it with bin/train_classifier as docs/reproduce.md says."
            )


def _todo(plan):
    return [_settings(training.flags) for training in plan.runs if not is_trained(training)]


def _settings(flags):
    """Flags over those of their preset."""
    if "preset" not in flags:
        return flags
    return importlib.import_module(f"tfflowgan.presets.{flags['preset']}").PRESET | flags

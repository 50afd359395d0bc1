"""Loading a trained generator from wherever it is: a run or an exported model."""

import os
import pathlib
from typing import Any

from tfflowgan import own_code
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator
from tfflowgan.model_versions import newest_version
from tfflowgan.runs.load import load_generator
from tfflowgan.runs.run import Run
from tfflowgan.serving import saved_model

__all__ = ["load"]


def load(
    path: str | os.PathLike, select: str | None = None, *, allow_code: bool = False, **own: Any
) -> Generator:
    """Loads a trained flow, or generator without a density.

    Args:
      path: a run, such as runs/NAME, or a SavedModel: saved_models/NAME, for its newest version, or
        saved_models/NAME/VERSION.
      select: which weights of a run: "nll" (best validation NLL), "score" (best sample score),
        "last" or "snapshot-N". None takes those that the run exports.
      allow_code: whether a file of Python code that the run or model names may be executed.
      **own: for a model that was made with functions of the user's own which no file holds: these
        functions, as `flow`, `generator` or `network`.

    Returns:
      The generator, which can sample, score, be trained further or cast.

    Raises:
      UserError: the path is neither, the run has no such weights, or they cannot be read.
    """
    path = pathlib.Path(path)
    if (path / "config.json").exists():
        if own:
            raise UserError(f"{next(iter(own))}= applies to SavedModels only; {path} is a run.")
        with own_code.consent(everything=allow_code):
            return load_generator(Run.open(path), select)
    try:
        version = newest_version(path)
    except UserError:
        raise UserError(
            f"{path} is neither a run (a folder with config.json, such as runs/NAME) nor a "
            "SavedModel (saved_models/NAME or saved_models/NAME/VERSION)."
        ) from None
    if select:
        raise UserError(f"select={select} applies to runs only; {path} is a SavedModel.")
    return saved_model.load(version, allow_code=allow_code, **own)

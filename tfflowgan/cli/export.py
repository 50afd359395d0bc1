"""`bin/export`: a run's best weights as a SavedModel."""

import pathlib

from tfflowgan.cli._app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag("run", str, None, "the run's directory (required)", "what"),
    Flag("output", str, None, "NAME; the model goes into NAME/VERSION (default: saved_models/RUN's name)", "where"),
]


def main() -> None:
    """Entry point of `bin/export` and `tfflowgan-export`."""
    run("export", "Exports a run's best weights as the next version of a SavedModel.", _ROWS, _export)


def _export(values: dict) -> None:
    if values["run"] is None:
        raise UserError("--run is missing; give the directory of a trained run.")
    from tfflowgan.training.run import Run

    directory = Run.open(pathlib.Path(values["run"]))
    from tfflowgan.saved_model import export
    from tfflowgan.training.load import load_flow

    output = values["output"] or pathlib.Path("saved_models") / directory.path.resolve().name
    print(f"Written to {export(load_flow(directory), output)}.")

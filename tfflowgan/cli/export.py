"""`bin/export`: a run's weights as a SavedModel."""

import pathlib

from tfflowgan.cli._app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag("run", str, None, "the run's directory (required)", "what"),
    Flag("select", str, None, "which weights: nll, score, last or snapshot-N (default: what the run selects)", "what"),
    Flag("output", str, None, "NAME; the model goes into NAME/VERSION (default: saved_models/RUN's name)", "where"),
]


def main() -> None:
    """Entry point of `bin/export` and `tfflowgan-export`."""
    run("export", "Exports a run's weights as the next version of a SavedModel.", _ROWS, _export)


def _export(values: dict) -> None:
    if values["run"] is None:
        raise UserError("--run is missing; give the directory of a trained run.")
    from tfflowgan.training.run import Run

    directory = Run.open(pathlib.Path(values["run"]))
    from tfflowgan.saved_model import export
    from tfflowgan.training.load import load_generator

    output = values["output"] or pathlib.Path("saved_models") / directory.path.resolve().name
    print(f"Written to {export(load_generator(directory, values['select']), output)}.")

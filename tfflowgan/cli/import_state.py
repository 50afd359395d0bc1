"""`bin/import_state`: put the state that a program has reached back into its run."""

import pathlib

from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Puts the state of python -m tfflowgan.portable back into the run that bin/export_program "
    "was called for: weights, optimizers and critics, as if the run had taken these steps here. "
    "It is evaluated and saved; then bin/train --run=RUN continues or finishes it."
)


def main() -> None:
    """Entry point of `bin/import_state` and `tfflowgan-import_state`."""
    rows = [
        Flag("run", str, None, "the run's directory"),
        Flag("state", str, None, "folder that python -m tfflowgan.portable wrote"),
        allow_code(""),
    ]
    run("import_state", _SUMMARY, rows, _import)


def _import(values: dict) -> None:
    for name in ("run", "state"):
        if values[name] is None:
            raise UserError(f"--{name} is missing; give the folder.")
    import tensorflow as tf

    from tfflowgan.runs.run import Run
    from tfflowgan.training.given import Given
    from tfflowgan.training.program_export import import_state
    from tfflowgan.training.train import train

    run, state = Run.open(pathlib.Path(values["run"])), pathlib.Path(values["state"])
    here = tf.distribute.get_strategy()

    def adopt(session):
        return {"step": import_state(session, state)}

    end = train(run.config(), run.path, None, Given(strategy=here, instead=adopt))
    if "reason" in end:
        raise UserError(f"--run={run.path} has finished; it takes no state.")
    print(f"{run.path} is at step {end['step']:,} now; bin/train --run={run.path} continues it.")

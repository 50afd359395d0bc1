"""A run's training as a program for devices without TensorFlow, and its state back into the run."""

import json
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.portable import read_arrays
from tfflowgan.serving.xla_program import CONSTANT, write_program
from tfflowgan.training.program import MOST_STEPS, StepsProgram
from tfflowgan.training.session import Session

__all__ = ["export_program", "import_state"]


def export_program(session: Session, folder: pathlib.Path, part_bytes: int) -> dict:
    """Writes the program of a run's steps, with the run's state and settings.

    Args:
      session: of the run, restored and settled, under no strategy.
      folder: see `write_program`.
      part_bytes: see there.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the run.
    """
    config, model, splits = session.config, session.model, session.splits
    steps = config.steps_per_call or MOST_STEPS
    program = StepsProgram(config, splits, session.components, steps)
    arguments = program.arguments(0, 0)
    variables = session.checkpoints.variables()
    names = {id(variable.handle): name for name, variable in variables.items()}
    about = {
        "kind": "training",
        "name": session.run.path.name,
        "step": model.step,
        "seconds": float(session.components.progress.seconds.numpy()),
        "total_steps": session.rule.total_steps,
        "period": session.rule.period,
        "steps_per_call": steps,
        "batch_size": config.images_per_step,
        "seed": config.seed,
        "count": len(splits.train),
        "dims": model.generator.dims,
        "means": [names[id(v.value.handle)] for mean in model.means for v in mean.variables],
        "moments": [name for name, variable in variables.items() if _is_moment(name, variable)],
        "data": splits.provenance(),
        "settings": json.loads(config.to_json()),
    }
    results = [*sorted(mean.name for mean in model.means), "failed"]
    images = {name: array.numpy() for name, array in arguments[0].items()}
    return write_program(
        folder, program.function, arguments, variables, results, about, images, part_bytes
    )


def import_state(session: Session, folder: pathlib.Path) -> int:
    """Puts the state of `tfflowgan.portable.train` into a session, evaluates and saves it.

    Args:
      session: of the run.
      folder: what `tfflowgan.portable` wrote.

    Returns:
      The generator step.

    Raises:
      UserError: the state is not of this run, or it is behind it.
    """
    run = session.run
    try:
        progress = json.loads((folder / "progress.json").read_text())
        step, seconds = progress["step"], progress["seconds"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"--state={folder} is no state; give a folder that tfflowgan.portable wrote, with its "
            "progress.json."
        ) from None
    if step <= session.model.step:
        raise UserError(
            f"--state={folder} is at step {step}, and --run={run.path} is at step "
            f"{session.model.step} already."
        )
    values = read_arrays(folder, "state")
    mine = session.checkpoints.variables()
    changing = {name: value for name, value in values.items() if not name.startswith(CONSTANT)}
    for name, value in changing.items():
        if name not in mine or value.shape != tuple(mine[name].shape):
            raise UserError(
                f"--state={folder} does not fit --run={run.path}: {name} is of another "
                "architecture."
            )
    for name, value in changing.items():
        mine[name].assign(value.astype(mine[name].dtype.as_numpy_dtype))
    session.components.progress.seconds.assign(seconds)
    session.record()
    return step


def _is_moment(name, variable):
    """Whether a variable is a moment of the generator's optimizer."""
    return name.startswith("optimizer/") and variable.dtype.is_floating and variable.shape.rank > 0

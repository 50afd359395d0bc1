"""A run's training as a program for devices without TensorFlow, and its state back into the run.

RUN/program.json      the program that was exported last, whose state the run takes
RUN/elsewhere.json    the stretches that were trained elsewhere: steps, seconds, device
"""

import json
import pathlib

import numpy as np

from tfflowgan import tf32
from tfflowgan.errors import UserError
from tfflowgan.portable import read_progress, read_variables
from tfflowgan.serving.xla_program import write_program
from tfflowgan.training.program import StepsProgram
from tfflowgan.training.session import Session

__all__ = ["export_program", "import_state"]


def export_program(session: Session, folder: pathlib.Path, part_bytes: int) -> dict:
    """Writes the program of a run's steps, with the run's state and settings.

    The run gets a checkpoint of this state, so that it has begun.

    Args:
      session: of the run, restored and settled, under no strategy.
      folder: see `write_program`.
      part_bytes: see there.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the run, or its images are not in memory.
    """
    config, model, splits = session.config, session.model, session.splits
    if isinstance(splits.train.images, np.memmap):
        raise UserError(
            f"{splits.source} is read from a file on disk, and a program holds all images; use "
            "--limit for fewer."
        )
    program = StepsProgram(config, splits, session.components)
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
        "steps_per_call": program.steps,
        "batch_size": config.images_per_step,
        "seed": config.seed,
        "count": len(splits.train),
        "dims": model.generator.dims,
        "means": [names[id(v.value.handle)] for mean in model.means for v in mean.variables],
        "moments": session.moments(),
        "data": splits.provenance(),
        "settings": json.loads(config.to_json()),
    }
    results = [*sorted(mean.name for mean in model.means), "failed"]
    images = {name: array.numpy() for name, array in arguments[0].items()}
    with tf32.allowed(config.tf32):
        about = write_program(
            folder, program.function, arguments, variables, results, about, images, part_bytes
        )
    session.checkpoints.save(model.step)
    kept = {"program": about["identity"], "step": about["step"], "folder": str(folder)}
    session.run.write("program.json", json.dumps(kept, indent=2) + "\n")
    return about


def import_state(session: Session, folder: pathlib.Path) -> int:
    """Puts the state of `tfflowgan.portable.train` into a session, evaluates and saves it.

    Args:
      session: of the run.
      folder: what `tfflowgan.portable` wrote.

    Returns:
      The generator step.

    Raises:
      UserError: the state is not of the program that was exported last, or the run is beyond it.
    """
    run, progress = session.run, read_progress(folder)
    if progress is None:
        raise UserError(
            f"--state={folder} is no state; give a folder that tfflowgan.portable wrote, with its "
            "progress.json."
        )
    exported = run.read("program.json")
    if exported is None or exported["program"] != progress["program"]:
        raise UserError(
            f"--state={folder} is not of the program that was exported last for --run={run.path}; "
            "bring back the state of that one."
        )
    if progress["step"] <= session.model.step:
        raise UserError(
            f"--state={folder} is at step {progress['step']}, and --run={run.path} is at step "
            f"{session.model.step} already."
        )
    mine = session.checkpoints.variables()
    values = read_variables(folder, progress)
    for name, value in values.items():
        if name not in mine or value.shape != tuple(mine[name].shape):
            raise UserError(
                f"--state={folder} does not fit --run={run.path} ({name}); import it with the "
                "version and the settings that exported the program."
            )
    for name, value in values.items():
        mine[name].assign(value.astype(mine[name].dtype.as_numpy_dtype))
    session.components.progress.seconds.assign(progress["seconds"])
    before = run.read("elsewhere.json") or {"stretches": []}
    theirs = progress["stretches"]  # of this program, also those that were brought back before
    earlier = [one for one in before["stretches"] if one["to"] <= theirs[0]["from"]]
    stretches = [*earlier, *theirs]
    run.write("elsewhere.json", json.dumps({"stretches": stretches}, indent=2) + "\n")
    session.record()
    return progress["step"]

"""A run's training as a program for devices without TensorFlow, and its state back into the run.

PROGRAM/program.mlir.gz         the steps of `tfflowgan.training.program`, in StableHLO
PROGRAM/program.json            what `tfflowgan.portable` needs to call it; written last
PROGRAM/config.json             the run's settings
PROGRAM/state.json, ...         all variables
PROGRAM/images_train.json, ...  the images that it reads, as uint8
"""

import gzip
import hashlib
import json
import pathlib
import re

import numpy as np
import tensorflow as tf

from tfflowgan import portable
from tfflowgan.errors import UserError
from tfflowgan.portable import read_arrays, write_arrays
from tfflowgan.training.program import MOST_STEPS, StepsProgram
from tfflowgan.training.session import Session

__all__ = ["export_program", "import_state"]

_ALIAS = re.compile(r"\{(\d+)\}: \((\d+), \{\}, may-alias\)")


def export_program(session: Session, folder: pathlib.Path, part_bytes: int) -> dict:
    """Writes a run's program with its state.

    Args:
      session: of the run, restored and settled, under no strategy.
      folder: to be made; if it is there, its files are replaced.
      part_bytes: the most that a file of arrays holds, before compression.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the run.
    """
    config, model, run, splits = session.config, session.model, session.run, session.splits
    steps = config.steps_per_call or MOST_STEPS
    program = StepsProgram(config, splits, session.components, steps)
    arguments = program.arguments(0, 0)
    names = {id(v.handle): name for name, v in session.checkpoints.variables().items()}
    values = _captured(program.function.get_concrete_function(*arguments), names)
    try:
        ir = program.function.experimental_get_compiler_ir(*arguments)
        text, header = _stable(ir(stage="stablehlo")), ir(stage="hlo").split("\n", 1)[0]
    except tf.errors.OpError as error:
        reason = str(error.message).splitlines()[0][:200]
        raise UserError(f"--run={run.path}: XLA cannot compile this run ({reason}).") from None
    flat = tf.nest.flatten(arguments)
    progress = session.components.progress
    about = {
        "format": portable.FORMAT,
        "name": run.path.name,
        "identity": hashlib.sha256(text.encode()).hexdigest(),
        "step": model.step,
        "seconds": float(progress.seconds.numpy()),
        "total_steps": session.rule.total_steps,
        "period": session.rule.period,
        "steps_per_call": steps,
        "batch_size": config.images_per_step,
        "seed": config.seed,
        "count": len(splits.train),
        "dims": model.generator.dims,
        "images": list(arguments[0]),
        "variables": list(values),
        "changed": {o: int(p) - len(flat) for o, p in _ALIAS.findall(header)},
        "results": [*sorted(mean.name for mean in model.means), "failed"],
        "means": [names[id(v.value.handle)] for mean in model.means for v in mean.variables],
        "moments": [name for name, value in values.items() if _is_moment(name, value)],
        "data": splits.provenance(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.json").unlink(missing_ok=True)
    (folder / "program.mlir.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (folder / "config.json").write_text(config.to_json())
    write_arrays(folder, "state", values, part_bytes)
    for name, images in arguments[0].items():
        write_arrays(folder, f"images_{name}", {name: images.numpy()}, part_bytes)
    (folder / "program.json").write_text(json.dumps(about, indent=2) + "\n")
    return about


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
    variables = session.checkpoints.variables()
    mine = {n: v for n, v in variables.items() if not n.startswith("progress/")}
    missing = [n for n, v in mine.items() if n in values and values[n].shape != tuple(v.shape)]
    unknown = [n for n in values if not n.startswith(_CONSTANT) and n not in mine]
    if missing or unknown:
        raise UserError(
            f"--state={folder} does not fit --run={run.path}: {(missing + unknown)[0]} is of "
            "another architecture."
        )
    for name, variable in mine.items():
        if name in values:  # others do not change in training
            variable.assign(values[name].astype(variable.dtype.as_numpy_dtype))
    session.components.progress.seconds.assign(seconds)
    session.record()
    return step


_CONSTANT = "constant/"
_LOCATION = re.compile(r"(?m)^#loc.*$| loc\((?:[^()]|\([^()]*\))*\)")
_COPY = re.compile(r"mhlo\.copy (%[\w#]+) : (tensor<[^>]*>)")
_STATIC_SIZE = re.compile(  # a size that is set to what it is
    r"stablehlo\.set_dimension_size (%[\w#]+), %[\w#]+, dim = \d+ : "
    r"\((tensor<[^>]*>), tensor<i32>\) -> \2"
)


def _stable(text: str) -> str:
    """The program in operations of StableHLO alone, as compilers of devices take it."""
    text = _LOCATION.sub("", text)
    text = _COPY.sub(r"stablehlo.reshape \1 : (\2) -> \2", text)
    return _STATIC_SIZE.sub(r"stablehlo.reshape \1 : (\2) -> \2", text)


def _captured(concrete, names) -> dict[str, np.ndarray]:
    """Values of all that a program reads beside its arguments, in its order."""
    values: dict[str, np.ndarray] = {}
    for i, capture in enumerate(concrete.captured_inputs):
        name = names.get(id(capture), f"{_CONSTANT}{i}")
        if capture.dtype == tf.resource:
            kind = capture._handle_data.shape_and_type[0].dtype
            value = tf.raw_ops.ReadVariableOp(resource=capture, dtype=kind)
            values.setdefault(name, value.numpy())
        else:
            values[name] = capture.numpy()
    return values


def _is_moment(name, value):
    """Whether a variable is a moment of an optimizer: large, and of no network."""
    return name.startswith("optimizer/") and value.dtype.kind == "f" and value.size > 1

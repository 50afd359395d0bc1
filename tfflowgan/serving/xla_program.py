"""A jitted function as a program for devices without TensorFlow; `tfflowgan.portable` calls it.

PROGRAM/program.mlir.gz         the function in StableHLO
PROGRAM/program.json            what it is and how it is called; written last
PROGRAM/state.json, ...         all that it reads beside its arguments: weights, constants
PROGRAM/images_train.json, ...  images as uint8, or what else its caller needs
"""

import gzip
import hashlib
import json
import pathlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfflowgan import portable
from tfflowgan.errors import UserError
from tfflowgan.portable import write_arrays

__all__ = ["CONSTANT", "write_program"]

CONSTANT = "constant/"  # begins the names of what has none
_ALIAS = re.compile(r"\{(\d+)\}: \((\d+), \{\}, may-alias\)")
_LOCATION = re.compile(r"(?m)^#loc.*$| loc\((?:[^()]|\([^()]*\))*\)")
_COPY = re.compile(r"mhlo\.copy (%[\w#]+) : (tensor<[^>]*>)")
_NAMED = re.compile(r"(?:\bmodule|\bfunc\.func(?: \w+)?) (@[\w.$]+)")
_STATIC_SIZE = re.compile(  # a size that is set to what it is
    r"stablehlo\.set_dimension_size (%[\w#]+), %[\w#]+, dim = \d+ : "
    r"\((tensor<[^>]*>), tensor<i32>\) -> \2"
)


def write_program(
    folder: pathlib.Path,
    function: Callable,
    arguments: tuple,
    names: dict[str, tf.Variable],
    results: list[str],
    about: dict[str, Any],
    images: dict[str, np.ndarray],
    part_bytes: int,
) -> dict[str, Any]:
    """Writes a program with its state.

    Args:
      folder: to be made; if it is there, its files are replaced.
      function: a `tf.function` with `jit_compile=True`.
      arguments: of a call; the program takes values of the same shapes.
      names: its variables by name.
      results: names of what it returns, in the order of `tf.nest.flatten`.
      about: added to `program.json`.
      images: arrays by name, for the caller of the program.
      part_bytes: the most that a file of arrays holds, before compression.

    Returns:
      `program.json`.

    Raises:
      UserError: XLA cannot compile the function.
    """
    known = {id(variable.handle): name for name, variable in names.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        values = _captured(function.get_concrete_function(*arguments), known)
        ir = function.experimental_get_compiler_ir(*arguments)
        text, header = _stable(ir(stage="stablehlo")), ir(stage="hlo").split("\n", 1)[0]
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"--output={folder} cannot be written: {reason}.") from None
    except (tf.errors.OpError, TypeError, ValueError, NotImplementedError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0][:200]
        raise UserError(f"XLA cannot compile this program ({reason}).") from None
    count = len(tf.nest.flatten(arguments))
    changed = {output: int(place) - count for output, place in _ALIAS.findall(header)}
    about = about | {
        "format": portable.FORMAT,
        "images": list(images),
        "variables": list(values),
        "changed": changed,
        "changing": [[*values][place] for place in changed.values()],
        "results": results,
    }
    about["sha256"] = {"state": _digest(values), "images": _digest(images)}  # part of its identity
    about["identity"] = hashlib.sha256((json.dumps(about) + text).encode()).hexdigest()
    (folder / "program.json").unlink(missing_ok=True)
    (folder / "program.mlir.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    write_arrays(folder, "state", values, part_bytes)
    for name, array in images.items():
        write_arrays(folder, f"images_{name}", {name: array}, part_bytes)
    (folder / "program.json").write_text(json.dumps(about, indent=2) + "\n")
    return about


def _digest(arrays) -> str:
    """The checksum of names, types, shapes and values."""
    found = hashlib.sha256()
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        found.update(f"{name} {array.dtype} {array.shape} ".encode())
        found.update(array.reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def _stable(text: str) -> str:
    """The program in operations of StableHLO alone, as compilers of devices take it."""
    text = _LOCATION.sub("", text)
    text = _COPY.sub(r"stablehlo.reshape \1 : (\2) -> \2", text)
    text = _STATIC_SIZE.sub(r"stablehlo.reshape \1 : (\2) -> \2", text)
    # TensorFlow's names count the functions of the process, in which the same program may differ
    names = {name: f"@f{i}" for i, name in enumerate(dict.fromkeys(_NAMED.findall(text)))}
    names["@main"] = "@main"
    return re.sub(r"@[\w.$]+", lambda found: names.get(found[0], found[0]), text)


def _captured(concrete, names) -> dict[str, np.ndarray]:
    """Values of all that a function reads beside its arguments, in its order."""
    values: dict[str, np.ndarray] = {}
    for i, capture in enumerate(concrete.captured_inputs):
        name = names.get(id(capture), f"{CONSTANT}{i}")
        if capture.dtype == tf.resource:
            kind = capture._handle_data.shape_and_type[0].dtype
            value = tf.raw_ops.ReadVariableOp(resource=capture, dtype=kind)
            values.setdefault(name, value.numpy())
        else:
            values[name] = capture.numpy()
    return values

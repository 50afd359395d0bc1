"""Checkpoints of a run: the newest readable one is restored, and damaged ones are skipped.

One `tf.train.Checkpoint` holds the generator, the optimizer, the running means of the current
period and the counters of a run. Each is stored as a plain list of its variables, because
TensorFlow's own traversal of a Keras 3 model misses layers that are kept in lists.

TensorFlow writes the index of a checkpoint last and stores a checksum for every tensor, so a
half-written or damaged checkpoint is detected when it is read.
"""

import contextlib
import logging
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.runs.names import state_name

__all__ = ["Checkpoints", "checkpoint_paths", "describe_latest", "read_part"]

_log = logging.getLogger(__name__)
_VALUE = r"(?P<part>\w+)/(?P<index>\d+)/\.ATTRIBUTES/VARIABLE_VALUE"  # how TensorFlow names them


class Checkpoints:
    """The checkpoints in one folder."""

    def __init__(self, folder: pathlib.Path, keep: int = 2, **parts: Any) -> None:
        """Binds the objects to save to a folder.

        Args:
          folder: where the checkpoints are.
          keep: how many of the newest checkpoints `save` keeps.
          **parts: the objects to save, by name: models, optimizers, metrics or modules whose
            variables all exist already, or lists of them.
        """
        self._folder = folder
        self._keep = keep
        listed = {name: _variables(part) for name, part in parts.items()}
        self._named = {f"{n}/{i}": v for n, vs in listed.items() for i, v in enumerate(vs)}
        self._checkpoint = tf.train.Checkpoint(**listed)

    def save(self, step: int) -> pathlib.Path:
        """Writes the checkpoint of a step, removes all but the newest, and returns its path."""
        path = self._folder / state_name(step)
        self.write(path)
        for old in checkpoint_paths(self._folder)[self._keep :]:
            remove(old)
        return path

    def write(self, path: pathlib.Path) -> None:
        """Writes a checkpoint at any path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._checkpoint.write(str(path))

    @contextlib.contextmanager
    def taken_back(self) -> Iterator[None]:
        """Undoes all changes of the objects that are made inside."""
        before = {name: variable.numpy() for name, variable in self._named.items()}
        yield
        for name, value in before.items():
            self._named[name].assign(value)

    def variables(self) -> dict[str, tf.Variable]:
        """All variables by "part/index"."""
        return dict(self._named)

    def restore(self, folder: pathlib.Path | None = None) -> pathlib.Path | None:
        """Restores the newest readable checkpoint.

        Args:
          folder: where to look; by default the folder that checkpoints are written to.

        Returns:
          The path of the restored checkpoint, or None if there are no checkpoints.

        Raises:
          UserError: there are checkpoints, but none can be read.
        """
        folder = folder or self._folder
        paths = checkpoint_paths(folder)
        for path in paths:
            if self.read(path):
                return path
            _log.warning("%s is damaged or half-written; trying the previous checkpoint.", path)
        if paths:
            raise UserError(
                f"none of the checkpoints in {folder} can be read; give another --run to start "
                "over."
            )
        return None

    def read(self, path: pathlib.Path) -> bool:
        """Restores one checkpoint, which must match the objects exactly.

        Returns:
          Whether its files are intact. If they are damaged, no variable has been changed.

        Raises:
          ValueError: the shape of a stored value differs from that of its variable.
          AssertionError: the checkpoint holds more or fewer values than there are variables.
        """
        try:
            reader = tf.train.load_checkpoint(str(path))
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)  # verifies the checksum before any variable changes
        except (tf.errors.OpError, RuntimeError, ValueError, IndexError):
            return False
        self._checkpoint.read(str(path)).assert_consumed()
        return True


def read_part(path: pathlib.Path, part: str) -> list[np.ndarray] | None:
    """Reads the values of one part of a checkpoint, in the order of its variables.

    Args:
      path: a checkpoint that `Checkpoints` wrote; it may hold other parts too.
      part: the part's name, such as "generator".

    Returns:
      The values, or None if they are damaged or there is no such part.
    """
    try:
        reader = tf.train.load_checkpoint(str(path))
        found = (re.fullmatch(_VALUE, name) for name in reader.get_variable_to_shape_map())
        named = {int(n["index"]): n[0] for n in found if n and n["part"] == part}
        return [reader.get_tensor(named[i]) for i in sorted(named)] or None
    except (tf.errors.OpError, RuntimeError, ValueError, IndexError):
        return None


def checkpoint_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    """The checkpoints in a folder, newest first."""
    return [p.with_suffix("") for p in sorted(folder.glob("step-*.index"), reverse=True)]


def _variables(part) -> list[tf.Variable]:
    if isinstance(part, list):
        return [variable for item in part for variable in _variables(item)]
    variables = part.weights if isinstance(part, keras.Model) else part.variables
    return [v.value if isinstance(v, keras.Variable) else v for v in variables]


def describe_latest(folder: pathlib.Path) -> str:
    """Says which checkpoint in a folder is the newest, as the last clause of an error message."""
    paths = checkpoint_paths(folder)
    return (
        f"the last good checkpoint, {paths[0].name}, is kept."
        if paths
        else "there is no checkpoint yet."
    )


def remove(path: pathlib.Path) -> None:
    """Removes the files of a checkpoint, index first, so that leftovers never look complete."""
    path.with_name(path.name + ".index").unlink(missing_ok=True)
    for shard in path.parent.glob(path.name + ".data-*"):
        shard.unlink(missing_ok=True)

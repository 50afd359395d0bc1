"""Checkpoints of a run: written whole, read back newest first, a damaged one passed over.

One `tf.train.Checkpoint` holds the flow, the optimizer, the epoch's running means and the counters of a run, each as
the plain list of its variables: TensorFlow's own walk over a Keras 3 model passes over layers that are kept in lists.
TensorFlow writes a checkpoint's index last and keeps a checksum of every tensor in it, so that a half-written one is
noticed on reading.
"""

import logging
import pathlib

import keras
import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["Checkpoints", "checkpoint_paths", "kept"]

_log = logging.getLogger(__name__)


class Checkpoints:
    """The checkpoints in one folder."""

    def __init__(self, folder: pathlib.Path, keep: int = 2, **parts):
        """Makes the folder's keeper.

        Args:
          folder: where they are.
          keep: how many of the newest to keep.
          **parts: what they hold: models, optimizers, metrics or modules, with all variables already made, or lists of them.
        """
        self._folder = folder
        self._keep = keep
        self._checkpoint = tf.train.Checkpoint(**{name: _variables(part) for name, part in parts.items()})

    def save(self, step: int) -> pathlib.Path:
        """Writes a checkpoint of a step, then removes the oldest ones."""
        path = self._folder / f"step-{step:09d}"
        self.write(path)
        for old in checkpoint_paths(self._folder)[self._keep :]:
            remove(old)
        return path

    def write(self, path: pathlib.Path) -> None:
        """Writes a checkpoint under any path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._checkpoint.write(str(path))

    def restore(self, folder: pathlib.Path | None = None) -> pathlib.Path | None:
        """Reads the newest checkpoint that can be read into the parts; returns its path, or None where there is none.

        Args:
          folder: where to look; by default where they are written.

        Raises:
          UserError: there are checkpoints and none can be read.
        """
        folder = folder or self._folder
        paths = checkpoint_paths(folder)
        for path in paths:
            if self.read(path):
                return path
            _log.warning("%s is damaged or half-written; going back to the one before it.", path)
        if paths:
            raise UserError(f"none of the checkpoints in {folder} can be read; give another --run to start anew.")
        return None

    def read(self, path: pathlib.Path) -> bool:
        """Reads one checkpoint, every value of it used; False, with nothing changed, if its files are damaged.

        Raises:
          ValueError: its values have other shapes.
          AssertionError: it holds more or fewer values.
        """
        try:
            reader = tf.train.load_checkpoint(str(path))
            for name in reader.get_variable_to_shape_map():
                reader.get_tensor(name)  # verifies the checksum before any variable changes
        except (tf.errors.OpError, RuntimeError, ValueError, IndexError):
            return False
        self._checkpoint.read(str(path)).assert_consumed()
        return True


def checkpoint_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    """The checkpoints in a folder, newest first."""
    return [p.with_suffix("") for p in sorted(folder.glob("step-*.index"), reverse=True)]


def _variables(part) -> list[tf.Variable]:
    if isinstance(part, list):
        return [variable for item in part for variable in _variables(item)]
    return [v.value if isinstance(v, keras.Variable) else v for v in part.variables]


def kept(folder: pathlib.Path) -> str:
    """What a stopped run still has, as the end of a sentence."""
    paths = checkpoint_paths(folder)
    return f"the last good checkpoint, {paths[0].name}, is kept." if paths else "there is no checkpoint yet."


def remove(path: pathlib.Path) -> None:
    """Removes a checkpoint's files, the index first, so that what is left is never taken for whole."""
    path.with_name(path.name + ".index").unlink(missing_ok=True)
    for shard in path.parent.glob(path.name + ".data-*"):
        shard.unlink(missing_ok=True)

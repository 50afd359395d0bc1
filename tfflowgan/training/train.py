"""A run from its configuration to its end, or on from where it was stopped."""

import contextlib
import json
import logging
import math
import pathlib

import keras
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.provenance import provenance
from tfflowgan.report.curves import plot_nll
from tfflowgan.saved_model import export
from tfflowgan.training.checkpoints import Checkpoints
from tfflowgan.training.fit import fit
from tfflowgan.training.load import load_flow, load_splits
from tfflowgan.training.run import Run

__all__ = ["train"]

_log = logging.getLogger(__name__)


def train(config: Config, path: pathlib.Path, output: pathlib.Path) -> dict:
    """Trains a run to its end, continuing it if it is there already, and exports its best weights.

    Args:
      config: resolved.
      path: the run's directory.
      output: the SavedModel's directory NAME; the model goes into NAME/VERSION.

    Returns:
      What `finished.json` holds: the reason for the end, the best epoch and its validation NLL, the exported model's path.

    Raises:
      UserError: anything that the user can mend, in one sentence.
    """
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    run = Run.create(path, config)
    with run.lock(), _clear_write_errors(run):
        if finished := run.finished():
            _log.info("%s is finished; nothing is left to do.", run.path)
            return finished
        splits = load_splits(config)
        if run.data() is None:
            run.write("data.json", json.dumps(splits.provenance() | {"provenance": provenance()}, indent=2) + "\n")
        run.check_data(splits)
        end = fit(run, config, splits)
        plot_nll(run.metrics(), run.path / "curves.png", run.path.name, math.prod(splits.image_shape))
        end["model"] = str(export(load_flow(run), output))
        run.write("finished.json", json.dumps(end, indent=2) + "\n")
        return end


@contextlib.contextmanager
def _clear_write_errors(run):
    """Turns a full disk or an unwritable directory into one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot write to {run.path}: {error.strerror or error}; {_kept(run)}") from None
    except tf.errors.OpError as error:
        reason = str(error.message).splitlines()[0]
        if str(run.path) not in reason and "No space" not in reason:
            raise
        raise UserError(f"cannot write to {run.path}: {reason}; {_kept(run)}") from None


def _kept(run):
    paths = Checkpoints(run.checkpoints).paths()
    return f"the last good checkpoint, {paths[0].name}, is kept." if paths else "there is no checkpoint yet."

"""Where a run starts: its newest checkpoint, weights that are given to it, or random weights."""

import json
import logging
import pathlib
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training import continuation
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.source import copy_weights, find_source
from tfflowgan.training.strategy import worker_name

__all__ = ["restore", "start_from_weights"]

_log = logging.getLogger(__name__)


def restore(
    run: Run,
    config: Config,
    checkpoints: Checkpoints,
    strategy: tf.distribute.Strategy,
    broadcast: Callable[[float], float],
) -> pathlib.Path | None:
    """Restores the newest checkpoint of a run.

    Args:
      run: where to look for checkpoints.
      config: resolved.
      checkpoints: holds the training state, including that of the model.
      strategy: where to compute.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.

    Returns:
      The checkpoint, or None for a new run.

    Raises:
      UserError: no checkpoint can be read, or the workers do not share the run's directory.
    """
    restored = _restored(run, config, checkpoints)
    newest = int(restored.name.removeprefix("step-")) if restored else -1
    if int(broadcast(newest)) != newest:
        raise UserError(
            f"{worker_name(strategy)} does not find the chief's checkpoint in {run.saved}; all "
            "workers must share the run's directory."
        )
    return restored


def start_from_weights(
    run: Run, init_from: str, model: FlowGAN, strategy: tf.distribute.Strategy
) -> None:
    """Copies trained weights into the generator of a new run.

    Args:
      run: where their origin is recorded.
      init_from: names them; see `tfflowgan.training.source`.
      model: whose generator gets the weights.
      strategy: in whose scope it was made.

    Raises:
      UserError: the weights do not fit.
    """
    with strategy.scope():
        source = find_source(init_from)
        started_from = copy_weights(source, model.generator, run.path)
    run.write("init_from.json", json.dumps(started_from, indent=2) + "\n")
    _log.info("Starting from the weights %s.", source.name())


def _restored(run, config, checkpoints):
    """The newest checkpoint, now restored; None for a new run."""
    if run.finished() is None:
        return checkpoints.restore(run.saved)
    try:
        if restored := checkpoints.restore(run.saved):
            return restored
    except UserError:  # all are damaged
        pass
    raise continuation.missing_state(run, config)

"""Where a run starts: its newest checkpoint, the weights of another run, or random weights."""

import hashlib
import json
import logging
import pathlib
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.load import read_weights
from tfflowgan.runs.run import Run
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.strategy import worker_name

__all__ = ["resume"]

_log = logging.getLogger(__name__)


def resume(
    run: Run,
    config: Config,
    splits: Splits,
    model: FlowGAN,
    checkpoints: Checkpoints,
    strategy: tf.distribute.Strategy,
    broadcast: Callable[[float], float],
) -> None:
    """Restores the newest checkpoint of a run, or starts a new run, and records what it is.

    Args:
      run: where to look for checkpoints, and where the records go.
      config: resolved. A new run takes its weights from `init_from`, if that is set.
      splits: the images.
      model: the model to restore.
      checkpoints: holds the training state, including that of the model.
      strategy: where to compute.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.

    Raises:
      UserError: no checkpoint can be read, the workers do not share the run's directory, the
        weights to start from do not fit, or the images have changed.
    """
    restored = checkpoints.restore(run.saved)
    newest = int(restored.name.removeprefix("step-")) if restored else -1
    if int(broadcast(newest)) != newest:
        raise UserError(
            f"{worker_name(strategy)} does not find the chief's checkpoint in {run.saved}; all "
            "workers must share the run's directory."
        )
    if restored:
        _log.info("Continuing %s from %s.", run.path, restored.name)
    elif config.init_from:
        _start_from(run, model, Run.open(pathlib.Path(config.init_from), "init_from"))
    run.record(config, splits)
    run.truncate_metrics(model.step)


def _start_from(run, model, source):
    path = source.weights(source.config().select or "nll")
    index = path.with_name(path.name + ".index")
    if not index.exists():
        raise UserError(
            f"--init_from={source.path} has no checkpoint {path.name} yet; train it for one epoch."
        )
    read_weights(model.generator, path, f"--run={run.path} (do the images have the same shape?)")
    digest = hashlib.sha256(index.read_bytes()).hexdigest()
    started_from = {"weights": str(path), "index_sha256": digest}
    run.write("init_from.json", json.dumps(started_from, indent=2) + "\n")
    _log.info("Starting from the weights %s.", path)

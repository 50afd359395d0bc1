"""Where a run starts: its newest checkpoint, weights that are given to it, or random weights."""

import json
import logging
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training import continuation
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.source import copy_weights, find_source
from tfflowgan.training.stopping import StoppingRule
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
    rule: StoppingRule,
) -> None:
    """Restores the newest checkpoint of a run, or starts a new run, and records what it is.

    Of a finished run that goes on, nothing is recorded until it has taken a step
    (`tfflowgan.training.continuation`).

    Args:
      run: where to look for checkpoints, and where the records go.
      config: resolved. A new run takes its weights from `init_from`, if that is set.
      splits: the images.
      model: the model to restore.
      checkpoints: holds the training state, including that of the model.
      strategy: where to compute.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
      rule: when the run ends.

    Raises:
      UserError: no checkpoint can be read, the workers do not share the run's directory, the
        weights to start from do not fit, the run would end at once, or the images have changed.
    """
    restored = _restored(run, config, checkpoints)
    newest = int(restored.name.removeprefix("step-")) if restored else -1
    if int(broadcast(newest)) != newest:
        raise UserError(
            f"{worker_name(strategy)} does not find the chief's checkpoint in {run.saved}; all "
            "workers must share the run's directory."
        )
    if restored:
        continuation.check_end(run, config, rule, model.step)
        before = run.config() if run.started() else config
        changed = continuation.describe(before, config, model.step, rule.epoch_steps)
        _log.info("Continuing %s from %s.%s", run.path, restored.name, changed)
    elif config.init_from:
        with strategy.scope():
            source = find_source(config.init_from)
            started_from = copy_weights(source, model.generator, run.path)
        run.write("init_from.json", json.dumps(started_from, indent=2) + "\n")
        _log.info("Starting from the weights %s.", source.name())
    if run.finished() is None:
        run.record(config, splits)
        run.truncate_metrics(model.step)


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

"""How long a run is: its steps, its warm-up, and the steps between two evaluations.

epoch_steps      training images // batch_size
planned_steps    steps, or epochs x epoch_steps; with minutes, at most what fits into them
warmup_steps     a tenth of all steps, at most 200
monitor_steps    an epoch, or as many epochs as leave at most 25 evaluations
"""

import dataclasses
import logging
import math

import tensorflow as tf

from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError

__all__ = ["check", "out_of_reach", "planned_steps", "settle"]

_log = logging.getLogger(__name__)
_WARMUP = 200
_EVALUATIONS = 25
_NOTHING = 1e-3  # of the learning rate; less than this trains nothing that one would see


def check(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> Config:
    """Fits the settings to the images and devices.

    Returns:
      The configuration, with a batch that is not larger than the training images.

    Raises:
      UserError: the batch size or the snapshots do not fit.
    """
    images, devices = len(splits.train), strategy.num_replicas_in_sync
    if config.images_per_step % devices:
        raise UserError(
            f"--batch_size={config.batch_size} must be a multiple of {devices} devices; give "
            "another --batch_size, or fewer --gpus."
        )
    if config.images_per_step > images:
        fitting = images // devices * devices
        if not fitting:
            raise UserError(f"{images} training images are fewer than the {devices} devices.")
        _log.warning(
            "--batch_size=%d is more than the %d training images; a batch has %d of them.",
            config.images_per_step,
            images,
            fitting,
        )
        config = dataclasses.replace(config, batch_size=fitting)
    total_steps = planned_steps(config, images // config.images_per_step)
    if beyond := [step for step in parse_steps(config.snapshots) if step > total_steps]:
        raise UserError(
            f"--snapshots={config.snapshots} lists step {beyond[0]}, and the run has {total_steps}."
        )
    return config


def planned_steps(config: Config, epoch_steps: int) -> int:
    """Generator steps of a whole run that no time limit shortens.

    Args:
      config: resolved.
      epoch_steps: generator steps per epoch.
    """
    return config.steps if config.steps is not None else (config.epochs or 0) * epoch_steps


def settle(config: Config, epoch_steps: int, total_steps: int) -> Config:
    """Fills in the warm-up and the evaluation period where they are left open.

    Args:
      config: resolved.
      epoch_steps: generator steps per epoch.
      total_steps: generator steps of the run.
    """
    if config.warmup_steps is None:
        config = dataclasses.replace(config, warmup_steps=min(_WARMUP, total_steps // 10))
    if config.monitor_steps is None:
        epochs = max(1, math.ceil(total_steps / (_EVALUATIONS * epoch_steps)))
        config = dataclasses.replace(
            config, monitor_steps=0 if epochs == 1 else epochs * epoch_steps
        )
    return config


def out_of_reach(config: Config, epoch_steps: int, total_steps: int) -> list[str]:
    """What is asked for and cannot come, or comes to nothing, in a sentence each.

    Args:
      config: settled.
      epoch_steps: generator steps per epoch.
      total_steps: generator steps of the run.
    """
    found, period = [], config.monitor_steps or epoch_steps
    evaluations = -(-total_steps // period)
    if (config.warmup_steps or 0) > total_steps:
        found.append(
            f"--warmup_steps={config.warmup_steps} is more than the {total_steps} steps of this "
            f"run, so the learning rate never reaches --learning_rate={config.learning_rate:g}."
        )
    if config.decay_rate is not None and config.decay_rate**total_steps < _NOTHING:
        step = math.ceil(math.log(_NOTHING) / math.log(config.decay_rate))
        found.append(
            f"--decay_rate={config.decay_rate:g} leaves less than a thousandth of "
            f"--learning_rate={config.learning_rate:g} from step {step} of {total_steps} on."
        )
    if config.early_stopping and config.early_stopping >= evaluations:
        found.append(
            f"--early_stopping={config.early_stopping} cannot end this run, which has "
            f"{evaluations} evaluations; a smaller --monitor_steps makes more."
        )
    elif config.early_stopping and config.decay == "cosine":
        found.append(
            f"--early_stopping={config.early_stopping} may end this run before --decay=cosine has "
            f"lowered the learning rate, which it does at step {total_steps}."
        )
    if (config.monitor_steps or 0) > total_steps:
        found.append(
            f"--monitor_steps={config.monitor_steps} is more than the {total_steps} steps of this "
            "run, so the only evaluation is that at its end."
        )
    if beyond := [step for step in parse_steps(config.snapshots) if step > total_steps]:
        found.append(
            f"--snapshots={config.snapshots} lists step {beyond[0]}, and only {total_steps} steps "
            f"fit into --minutes={config.minutes:g}."
        )
    return found

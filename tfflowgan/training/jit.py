"""`--jit`: whether one XLA program takes many steps, or each step is called by itself.

    auto    the program, on one GPU
    on      the program, also on a CPU
    off     one call per step, which MirroredStrategy can spread over several devices

On a CPU the kernels of oneDNN, which steps by themselves use, are faster for convolutions.
"""

import logging

import numpy as np
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError

__all__ = ["asks_for_program", "takes_program", "uncompilable"]

_log = logging.getLogger(__name__)


def asks_for_program(jit: str) -> bool:
    """Whether `--jit` asks for the program on this machine's devices.

    Args:
      jit: "auto", "on" or "off".
    """
    gpus = tf.config.list_logical_devices("GPU")
    return jit == "on" or (jit == "auto" and len(gpus) == 1)


def takes_program(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> bool:
    """Whether a run's steps are taken by the program.

    Args:
      config: resolved.
      splits: the images.
      strategy: where to compute.

    Raises:
      UserError: `--jit=on` and the program cannot be.
    """
    if not asks_for_program(config.jit):
        return False
    reason = None
    if strategy is not tf.distribute.get_strategy() or tf.distribute.has_strategy():
        devices = strategy.num_replicas_in_sync
        reason = f"trains on one device, without a strategy, and this run has {devices} under one"
    elif isinstance(splits.train.images, np.memmap):
        reason = "holds all images in memory, and these are read from a file on disk"
    if reason and config.jit == "on":
        raise UserError(f"--jit=on {reason}; use --jit=off.")
    return reason is None


def uncompilable(config: Config, error: tf.errors.OpError) -> UserError | None:
    """What to tell if the program could not be compiled; None to go on without it.

    Args:
      config: resolved.
      error: of the first call.
    """
    reason = str(error.message).splitlines()[0][:200]
    if config.jit == "on":
        return UserError(f"--jit=on: XLA cannot compile this run ({reason}); use --jit=off.")
    _log.warning("XLA cannot compile this run (%s); each step is called by itself.", reason)
    return None

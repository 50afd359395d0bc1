"""`--jit`: what XLA compiles.

    auto    on one GPU, many steps as one program; else nothing
    on      many steps as one program, also on a CPU; on several devices, or with images that are
            read from a file on disk, the gradients of each replica
    off     nothing

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
    devices = len(tf.config.list_logical_devices("GPU"))
    return devices == 1 if jit == "auto" else jit == "on" and devices < 2


def takes_program(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> bool:
    """Whether a run's steps are taken by the program.

    Args:
      config: resolved.
      splits: the images.
      strategy: where to compute.
    """
    single = strategy is tf.distribute.get_strategy() and not tf.distribute.has_strategy()
    in_memory = not isinstance(splits.train.images, np.memmap)
    return asks_for_program(config.jit) and single and in_memory


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

"""`--jit`: what XLA compiles.

    auto    on one GPU, many steps as one program; else nothing
    on      many steps as one program, also on a CPU; under a strategy, or with images that are read
            from a file on disk, the gradients of each replica
    off     nothing

On a CPU the kernels of oneDNN, which steps by themselves use, are faster for convolutions.
"""

import contextlib
import logging
import re
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError

__all__ = ["gradients_compile", "in_memory", "no_program", "refuse_gradients", "takes_program"]
__all__ += ["wants_program"]

_log = logging.getLogger(__name__)
_OF_XLA = re.compile(r"XLA|tf2xla|jit_compile|compile-time constant")


def wants_program(jit: str, gpus: int) -> bool:
    """Whether `--jit` asks for a program where no strategy does.

    Args:
      jit: "auto", "on" or "off".
      gpus: how many there are.
    """
    return gpus == 1 if jit == "auto" else jit == "on" and gpus < 2


def takes_program(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> bool:
    """Whether a run's steps are taken by a program.

    Args:
      config: resolved.
      splits: the images.
      strategy: where to compute.
    """
    single = strategy is tf.distribute.get_strategy() and not tf.distribute.has_strategy()
    if not single or not in_memory(splits):
        return False
    return config.jit == "on" or wants_program(
        config.jit, len(tf.config.list_logical_devices("GPU"))
    )


def in_memory(splits: Splits) -> bool:
    """Whether the images are in memory, not in a file on disk."""
    return not isinstance(splits.train.images, np.memmap)


def no_program(config: Config, error: Exception) -> None:
    """Says that a program could not be compiled, and that steps are taken without it.

    Args:
      config: resolved.
      error: of the first call.

    Raises:
      UserError: `--jit=on` asks for it.
      tf.errors.ResourceExhaustedError: it asks for it, and the device's memory is full.
    """
    reason = _reason(error)
    if isinstance(error, tf.errors.ResourceExhaustedError):
        if config.jit == "on":
            raise error  # the command says what may help
        said = "The device's memory is too small for the run's program (%s)"
        _log.warning(f"{said}; each step is called by itself.", reason)
        return
    if config.jit == "on":
        raise _cannot_compile(reason)
    _log.warning("XLA cannot compile this run (%s); each step is called by itself.", reason)


@contextlib.contextmanager
def gradients_compile(config: Config) -> Iterator[None]:
    """Says in a sentence if XLA cannot compile the gradients of each replica, in the first step.

    Args:
      config: resolved.

    Raises:
      UserError: it cannot, and `--jit=on` asks for it.
    """
    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
        if config.jit != "on" or not _OF_XLA.search(str(error)):
            raise
        raise _cannot_compile(_reason(error)) from None


def _cannot_compile(reason):
    return UserError(f"--jit=on: XLA cannot compile this run ({reason}); use --jit=off.")


def _reason(error):
    """The line of an error that says what is wrong: one about XLA, where there is one."""
    lines = [line.strip() for line in str(getattr(error, "message", error)).splitlines()]
    lines = [line for line in lines if line not in ("", "Graph execution error:")]
    if not isinstance(error, tf.errors.ResourceExhaustedError):
        lines = [line for line in lines if _OF_XLA.search(line)] or lines
    return lines[0][:200] if lines else type(error).__name__


def refuse_gradients(splits: Splits, strategy: tf.distribute.Strategy) -> UserError:
    """What to tell if `--jit=on` cannot compile the gradients of each replica.

    Args:
      splits: the images.
      strategy: where to compute.
    """
    where = f"on {strategy.num_replicas_in_sync} device(s) under {type(strategy).__name__}"
    if not in_memory(splits):
        where = "with images that are read from a file on disk"
    return UserError(
        f"--jit=on cannot compile a step {where} with --batch_norm, or with a critic that "
        "normalizes over the batch or is conditional, because averages are taken within the step; "
        "use --jit=off."
    )

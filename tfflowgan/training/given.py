"""What a program hands to a training, in place of what its configuration describes."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfflowgan.datasets import Splits
from tfflowgan.generators import Generator
from tfflowgan.runs.run import Run
from tfflowgan.training.interruption import Interruption
from tfflowgan.training.own_parts import NO_PARTS, OwnParts

__all__ = ["NOTHING", "Given"]


@dataclasses.dataclass(frozen=True)
class Given:
    """Objects of a program that trains; the defaults are those of `bin/train`.

    Attributes:
      generator: to be trained in place; None to build the configuration's.
      splits: the images; None to load the configuration's.
      strategy: where to compute; None for the configuration's. The generator was made in its scope.
      callbacks: called after the run's own.
      verbose: 0 silent, 1 one line that changes, 2 lines; None for 1 on a terminal and 2 elsewhere.
      interruption: hears of signals that ask the process to end; None where the program does.
      own: parts that are Python objects.
      keeps_files: whether checkpoints, snapshots and pictures of samples are written.
      instead: what to do in place of training, once everything is built and restored; None to
        train.
      assets: what else the exported SavedModel holds, files of its folder assets.extra by name;
        None for nothing.
    """

    generator: Generator | None = None
    splits: Splits | None = None
    strategy: tf.distribute.Strategy | None = None
    callbacks: tuple[keras.callbacks.Callback, ...] = ()
    verbose: int | None = None
    interruption: Interruption | None = None
    own: OwnParts = NO_PARTS
    keeps_files: bool = True
    instead: Callable[[Any], dict] | None = None  # of a Session, whose module imports this one
    assets: Callable[[Run, Generator, Splits], dict[str, bytes]] | None = None


NOTHING = Given()

"""How the cores of a CPU share the work of a batch.

TensorFlow by itself splits every operation over all cores, and the cores meet again after each of the some thousand operations
of a step. Here each core takes a share of the batch through the whole flow instead, and they meet once:

    enable()                       one core an operation, as many operations at a time as there are cores
    flow.log_prob(images)          the batch in as many shares as there are cores, see `tfflowgan.bijectors.Sharded`
    map_shards(critic, images)         the same for any function of single images

`bin/train` does it by itself where the flow's module says `SHARES_BATCHES`; a program that wants it calls `enable` before its
first TensorFlow operation. A GPU needs none of it. `docs/performance.md` has the measurements.
"""

import contextlib
import contextvars
import os
from collections.abc import Callable

import tensorflow as tf

__all__ = ["disabled", "enable", "map_shards", "num_shards", "shard_sizes"]

_MOST = 4  # shares: a graph grows with them, and so does the time to its first step; beyond, several cores work on each
_disabled = contextvars.ContextVar("disabled", default=False)
_count = 1


def enable(count: int | None = None) -> None:
    """Lets cores share batches instead of operations, on a machine with several cores and without a GPU.

    Args:
      count: into how many shares; by default as many as there are cores, at most 4.

    Raises:
      RuntimeError: TensorFlow has computed something already, and its threads are made.
    """
    global _count
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = count or min(cores, _MOST)
    if count > 1 and not tf.config.list_physical_devices("GPU"):
        tf.config.threading.set_intra_op_parallelism_threads(max(1, cores // count))
        tf.config.threading.set_inter_op_parallelism_threads(count)
        # rewriting graphs of as many shares takes seconds before the first step, and these rewrites make no step faster
        rewrites = ("arithmetic_optimization", "constant_folding", "loop_optimization", "shape_optimization")
        tf.config.optimizer.set_experimental_options(dict.fromkeys(rewrites, False))
        _count = count


def num_shards() -> int:
    """Into how many shares a batch is split here: 1 but for after `enable`, and 1 on each of several devices."""
    return 1 if _disabled.get() or tf.distribute.get_strategy().num_replicas_in_sync > 1 else _count


def shard_sizes(batch: tf.Tensor, count: int) -> list[tf.Tensor]:
    """How many of a batch each of `count` shares has; some have none where the batch is small."""
    return [batch * (i + 1) // count - batch * i // count for i in range(count)]


def map_shards(function: Callable, images: tf.Tensor, **arguments) -> tf.Tensor:
    """A function applied to shares of a batch next to each other.

    Args:
      function: from images `[B, ...]` to values `[B, ...]`, each of its own image alone.
      images: `[B, ...]`.
      **arguments: the function's others.

    Returns:
      What the function gives for the whole batch.
    """
    count = num_shards()
    if count == 1:
        return function(images, **arguments)
    batch = tf.shape(images)[0] if images.shape[0] is None else images.shape[0]
    return tf.concat([function(part, **arguments) for part in tf.split(images, shard_sizes(batch, count))], axis=0)


@contextlib.contextmanager
def disabled():
    """Traces without shares, for a graph that goes elsewhere: a server's threads are its own."""
    token = _disabled.set(True)
    try:
        yield
    finally:
        _disabled.reset(token)

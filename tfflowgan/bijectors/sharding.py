"""Shard batches over the cores of a CPU.

By default TensorFlow splits every operation over all cores, which synchronize after each of the
thousands of operations in a step. With sharding, each core instead takes one shard of the batch
through the whole flow, and the cores synchronize once:

    enable()                       one core per operation, as many parallel operations as shards
    flow.log_prob(images)          shards the batch, see `tfflowgan.bijectors.FlowBijector`
    map_shards(critic, images)     does the same for any function of single images

`bin/train` enables sharding if the flow's module sets `SHARDS_BATCHES`. Other programs call
`enable` before their first TensorFlow operation. Sharding has no effect where a GPU computes.
`docs/performance/measurements.md` has the measurements.
"""

import contextlib
import contextvars
import os
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

__all__ = ["disabled", "enable", "map_shards", "num_shards", "shard_sizes"]

# The graph, and with it the time to the first step, grows with the number of shards. On machines
# with more cores than this, several cores work on each shard.
_MAX_SHARDS = 4
_disabled = contextvars.ContextVar("disabled", default=False)
_count = 1


def enable(count: int | None = None) -> None:
    """Enables sharding; does nothing where a GPU computes, or with a single shard per batch.

    Args:
      count: number of shards per batch; None means one per core, at most 4.

    Raises:
      RuntimeError: TensorFlow has already run an operation and created its threads.
    """
    global _count
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    count = count or min(cores, _MAX_SHARDS)
    if count > 1 and not tf.config.get_visible_devices("GPU"):
        tf.config.threading.set_intra_op_parallelism_threads(max(1, cores // count))
        tf.config.threading.set_inter_op_parallelism_threads(count)
        # On a sharded graph these rewrites delay the first step by seconds and make no step faster.
        rewrites = (
            "arithmetic_optimization",
            "constant_folding",
            "loop_optimization",
            "shape_optimization",
        )
        tf.config.optimizer.set_experimental_options(dict.fromkeys(rewrites, False))
        _count = count


def num_shards() -> int:
    """Number of shards per batch; 1 unless sharding is enabled on a single device."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return 1 if _disabled.get() or replicas > 1 else _count


def shard_sizes(batch: tf.Tensor | int, count: int) -> list[tf.Tensor] | list[int]:
    """Returns the size of each of `count` shards; some are 0 if the batch is smaller than `count`.

    Args:
      batch: batch size B, a scalar.
      count: number of shards.

    Returns:
      `count` sizes of the type of `batch`, which add up to B and differ by at most 1.
    """
    return [batch * (i + 1) // count - batch * i // count for i in range(count)]


def map_shards(
    function: Callable[..., tf.Tensor], images: tf.Tensor, **arguments: Any
) -> tf.Tensor:
    """Applies a function to the shards of a batch in parallel.

    Args:
      function: maps images `[B, ...]` to values `[B, ...]`; each value depends on its own image
        alone.
      images: `[B, ...]`.
      **arguments: further arguments of the function.

    Returns:
      `function(images, **arguments)`.
    """
    count = num_shards()
    if count == 1:
        return function(images, **arguments)
    batch = tf.shape(images)[0] if images.shape[0] is None else images.shape[0]
    shards = tf.split(images, shard_sizes(batch, count))
    return tf.concat([function(shard, **arguments) for shard in shards], axis=0)


@contextlib.contextmanager
def disabled() -> Iterator[None]:
    """Disables sharding inside a `with` block, e.g. to trace a graph that a server will run."""
    token = _disabled.set(True)
    try:
        yield
    finally:
        _disabled.reset(token)

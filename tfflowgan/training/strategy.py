"""Where a run computes: on this machine's devices, or on several machines.

    mirrored        MirroredStrategy over every visible GPU, or of the one CPU
    multi_worker    MultiWorkerMirroredStrategy over the workers that TF_CONFIG lists, one process each
    auto            multi_worker where TF_CONFIG lists more than one worker, else mirrored

Workers compute the same step together. The chief, the first of them, is the only one whose files remain, and its clock is the one
that counts.
"""

import json
import os
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["agreement", "build_strategy", "is_chief", "worker_name"]


def build_strategy(name: str = "auto") -> tf.distribute.Strategy:
    """Builds a strategy; several workers must do it before any other TensorFlow operation.

    Args:
      name: "auto", "mirrored" or "multi_worker".

    Raises:
      UserError: `TF_CONFIG` is missing or damaged, or the other workers do not answer.
    """
    workers = _workers()
    if name == "multi_worker" and not workers:
        raise UserError(
            "--strategy=multi_worker needs the environment variable TF_CONFIG in every worker, such as "
            '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}.'
        )
    if name == "multi_worker" or (name == "auto" and len(workers) > 1):
        return tf.distribute.MultiWorkerMirroredStrategy()
    gpus = tf.config.list_logical_devices("GPU")
    return tf.distribute.MirroredStrategy([d.name for d in gpus] or ["/cpu:0"])


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process is the one whose files remain."""
    return not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) or strategy.extended._is_chief


def worker_name(strategy: tf.distribute.Strategy) -> str:
    """What to call this process in messages."""
    resolver = strategy.cluster_resolver
    return f"{resolver.task_type} {resolver.task_id}" if resolver and resolver.task_type else "this process"


def agreement(strategy: tf.distribute.Strategy) -> Callable[[float], float]:
    """A function that gives every worker the chief's value of a number; each must call it equally often."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return float
    chief = is_chief(strategy)

    @tf.function
    def exchange(value):
        def replica(value):
            context = tf.distribute.get_replica_context()
            own = tf.where(tf.equal(context.replica_id_in_sync_group, 0), value, tf.zeros_like(value))
            return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

        return strategy.experimental_local_results(strategy.run(replica, args=(value,)))[0]

    return lambda value: float(exchange(tf.constant(value if chief else 0.0, tf.float64)))


def _workers():
    text = os.environ.get("TF_CONFIG")
    if not text:
        return []
    try:
        cluster = json.loads(text)["cluster"]
        return [address for job in ("chief", "worker") for address in cluster.get(job, [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"the environment variable TF_CONFIG is damaged: it holds {text[:80]!r} and no JSON with a cluster."
        ) from None

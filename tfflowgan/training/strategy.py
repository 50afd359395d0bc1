"""Where a run computes: on this machine's devices, or on several machines.

    mirrored        MirroredStrategy over every visible GPU, or of the one CPU
    multi_worker    MultiWorkerMirroredStrategy over the workers that TF_CONFIG lists, one process each
    auto            multi_worker where TF_CONFIG lists more than one worker, else mirrored

Workers compute the same step together. The chief, the first of them, is the only one whose files remain, and its clock is the one
that counts.
"""

import contextlib
import json
import logging
import os
import signal
import threading
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["agreement", "build_strategy", "is_chief", "worker_name"]

_log = logging.getLogger(__name__)


def build_strategy(name: str = "auto") -> tf.distribute.Strategy:
    """Builds a strategy; several workers must do it before any other TensorFlow operation.

    Args:
      name: "auto", "mirrored" or "multi_worker".

    Raises:
      UserError: `TF_CONFIG` is missing or damaged.
    """
    workers = _workers()
    if name == "multi_worker" and not workers:
        raise UserError(
            "--strategy=multi_worker needs the environment variable TF_CONFIG in every worker, such as "
            '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}.'
        )
    if name == "multi_worker" or (name == "auto" and len(workers) > 1):
        _log.info("Waiting for all %d workers: %s.", len(workers), ", ".join(workers))
        with _interruptible():
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


@contextlib.contextmanager
def _interruptible():
    """Lets Ctrl-C and SIGTERM end the process while TensorFlow waits for workers, which it does without looking at signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _workers():
    """The addresses of all workers in TF_CONFIG, the chief's first; none without it."""
    text = os.environ.get("TF_CONFIG")
    if not text:
        return []
    try:
        config = json.loads(text)
        jobs = {job: config["cluster"].get(job, []) for job in ("chief", "worker")}
        task = config["task"]
        known = 0 <= task["index"] < len(jobs[task["type"]])
        addresses = [address for job in jobs.values() for address in job]
        if not known or not all(isinstance(job, list) for job in jobs.values()) or not all(isinstance(a, str) for a in addresses):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"the environment variable TF_CONFIG is damaged: it holds {text[:80]!r}, where JSON is due with a cluster of lists "
            "of addresses and the task (type and index) that this process is in it."
        ) from None
    return addresses

"""Where a run computes: on the devices of one machine, or on several machines.

    mirrored        MirroredStrategy over all visible GPUs, or on the CPU if there are none
    multi_worker    MultiWorkerMirroredStrategy over the workers in TF_CONFIG, one process each
    auto            multi_worker if TF_CONFIG lists more than one worker; no strategy where a
                    program takes the steps (`tfflowgan.training.jit`); mirrored otherwise

All workers compute each step together. The first of them is the chief. Only the chief's files are
kept, and its clock counts for all.
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
from tfflowgan.training.jit import wants_program

__all__ = ["build_strategy", "chief_broadcast", "is_chief", "worker_name"]

_log = logging.getLogger(__name__)


def build_strategy(name: str = "auto", jit: str = "off") -> tf.distribute.Strategy:
    """Builds a distribution strategy.

    With several workers, call it before any other TensorFlow operation.

    Args:
      name: "auto", "mirrored" or "multi_worker".
      jit: see `tfflowgan.training.jit`. Where a program takes the steps, "auto" computes without
        a strategy.

    Raises:
      UserError: `TF_CONFIG` is required but missing, or damaged.
    """
    workers = _workers()
    if name == "multi_worker" and not workers:
        raise UserError(
            "--strategy=multi_worker needs the environment variable TF_CONFIG in every worker, "
            'such as {"cluster": {"worker": ["host0:2222", "host1:2222"]}, '
            '"task": {"type": "worker", "index": 0}}.'
        )
    if name == "multi_worker" or (name == "auto" and len(workers) > 1):
        _log.info("Waiting for all %d workers: %s.", len(workers), ", ".join(workers))
        with _interruptible():
            return tf.distribute.MultiWorkerMirroredStrategy()
    gpus = tf.config.list_logical_devices("GPU")  # not before several workers have met
    if name == "auto" and wants_program(jit, len(gpus)):
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([d.name for d in gpus] or ["/cpu:0"])


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process is the chief, whose files are kept. A single process always is."""
    several = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
    return not several or strategy.extended._is_chief


def worker_name(strategy: tf.distribute.Strategy) -> str:
    """The name of this process in messages."""
    resolver = strategy.cluster_resolver
    if resolver and resolver.task_type:
        return f"{resolver.task_type} {resolver.task_id}"
    return "this process"


def chief_broadcast(strategy: tf.distribute.Strategy) -> Callable[[float], float]:
    """Makes a function that broadcasts a number from the chief to all workers.

    Every worker must call it equally often, each with its own number.

    Returns:
      A function from this worker's number to the chief's.
    """
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return float
    chief = is_chief(strategy)

    @tf.function(autograph=False)
    def exchange(value):
        def replica(value):
            context = tf.distribute.get_replica_context()
            first = tf.equal(context.replica_id_in_sync_group, 0)
            own = tf.where(first, value, tf.zeros_like(value))
            return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

        return strategy.experimental_local_results(strategy.run(replica, args=(value,)))[0]

    return lambda value: float(exchange(tf.constant(value if chief else 0.0, tf.float64)))


@contextlib.contextmanager
def _interruptible():
    """Lets Ctrl-C and SIGTERM end the process while TensorFlow waits for workers.

    TensorFlow waits in C++, where Python's signal handlers do not run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _workers():
    """The addresses of all workers in TF_CONFIG, the chief's first; none if it is not set."""
    text = os.environ.get("TF_CONFIG")
    if not text:
        return []
    try:
        config = json.loads(text)
        jobs = {job: config["cluster"].get(job, []) for job in ("chief", "worker")}
        task = config["task"]
        known = 0 <= task["index"] < len(jobs[task["type"]])
        addresses = [address for job in jobs.values() for address in job]
        lists = all(isinstance(job, list) for job in jobs.values())
        if not known or not lists or not all(isinstance(address, str) for address in addresses):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"the environment variable TF_CONFIG is damaged: it holds {text[:80]!r}; it must hold "
            "JSON with a cluster (a list of addresses per job) and the task of this process (type "
            "and index)."
        ) from None
    return addresses

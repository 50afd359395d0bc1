"""Scoring on Ray: chunks of paths go to worker processes, here or on many machines.

    this process     finds files, keeps the rows that are done, writes the table
    each worker      has a TensorFlow and the model of its own; chunks of paths in, rows out

Rows come back in the order of the chunks. A row depends on the model, the settings and its file
alone, so it does not matter which worker makes it: where one is killed, Ray starts another, which
scores the chunk again. Only this process writes, so nothing is lost or there twice.
"""

import collections
import importlib
import json
import logging
import os
import pathlib
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import tfflowgan
from tfflowgan import own_code
from tfflowgan.errors import UserError
from tfflowgan.extras import require

if TYPE_CHECKING:  # `_Attempts` is in a process of its own, which needs no TensorFlow
    from tfflowgan.scoring.rows import Error, Row, Scorer

__all__ = ["RayEngine"]

_CPUS = 4  # of the cluster, per worker
_ATTEMPTS = 4  # to score a chunk whose workers die
_TIMEOUT = 5.0  # seconds until a running cluster must answer
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}


class RayEngine:
    """An engine of `score_folders`: a cluster that it starts and stops, or one that is running."""

    def __init__(self, address: str | None = None, workers: int | None = None):
        """Checks what can be checked before anything is computed.

        Args:
          address: HOST:PORT of a running cluster, or "auto" for that of this machine; None starts
            one on this machine, which ends with the scoring.
          workers: processes that score, each with a model; None means one per four processors.

        Raises:
          SetupError: Ray is not installed.
          UserError: nothing answers at the address, or there can be no such number of workers.
        """
        os.environ |= {name: os.environ.get(name, value) for name, value in _QUIET.items()}
        require("ray.data", "ray", "--engine=ray")
        if workers is not None and workers < 1:
            raise UserError(f"--ray_workers={workers} must be at least 1.")
        if address not in (None, "auto"):
            _check_answer(address)
        self._address, self._workers = address, workers

    def __call__(
        self, scorer: "Scorer", chunks: Iterable[Sequence[pathlib.Path]]
    ) -> "Iterator[tuple[list[Row], list[Error]]]":
        """Scores chunks.

        Args:
          scorer: what each worker gets a copy of; it needs no loaded model.
          chunks: paths that all workers can read.

        Yields:
          The rows and errors of each chunk, in order.

        Raises:
          UserError: there is no cluster, a worker cannot load the model or see the files, or the
            workers of a chunk die again and again.
        """
        chunks = list(chunks)
        if not chunks:
            return
        ray = importlib.import_module("ray")
        self._connect(ray)
        try:
            count, cpus = self._share(ray)
            try:
                results = _results(ray, scorer, chunks, count, cpus)
                for expected, (chunk, text) in enumerate(results):
                    if chunk != expected:  # the partial table counts on their order
                        raise RuntimeError(f"Ray gave chunk {chunk} where {expected} was to come")
                    yield _checked(json.loads(text), scorer)
            except ray.exceptions.RayError as error:
                raise UserError(
                    f"--engine=ray cannot go on; its workers say: {_reason(error)}."
                ) from None
        finally:
            ray.shutdown()

    def _connect(self, ray):
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if self._address is None:
            cpus = max(os.cpu_count() or 1, self._workers or 1)
            options |= {"address": "local", "num_cpus": cpus, "include_dashboard": False}
            # workers find this package where this process has it, also if it is not installed
            paths = [str(pathlib.Path(tfflowgan.__file__).parent.parent), os.getenv("PYTHONPATH")]
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        else:
            options["address"] = self._address
        try:
            ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            what, needs = "--engine=ray cannot start a cluster", ""
            if self._address is not None:
                what = f"--ray_address={self._address} cannot be used"
                needs = (
                    "; this machine must belong to the cluster, and have its token if it has one"
                )
            raise UserError(f"{what}: {_reason(error)}{needs}.") from None

    def _share(self, ray) -> tuple[int, int]:
        """The number of workers, and of processors for each."""
        nodes = [int(n["Resources"].get("CPU", 0)) for n in ray.nodes() if n["Alive"]]
        total = sum(nodes)
        count = self._workers or max(1, total // _CPUS)
        for cpus in range(max(1, total // count), 0, -1):
            if sum(node // cpus for node in nodes) >= count:
                return count, cpus
        raise UserError(f"--ray_workers={count} exceeds the {total} processors of the cluster.")


class _Attempts:
    """How often each chunk was begun, also by workers that have died."""

    def __init__(self):
        self._counts = collections.Counter()

    def begin(self, chunk: int) -> int:
        self._counts[chunk] += 1
        return self._counts[chunk]


class _Worker:
    """Scores chunks in a process of Ray."""

    def __init__(self, scorer: "Scorer", attempts: Any, place: dict[str, Any], threads: int):
        self._scorer, self._attempts, self._place = scorer, attempts, place
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One chunk, as JSON: Arrow would not keep every type."""
        paths = json.loads(batch["paths"][0])
        found = json.dumps(self._found(int(batch["chunk"][0]), paths))
        return {"chunk": batch["chunk"], "found": [found]}

    def _found(self, chunk, paths):
        ray = importlib.import_module("ray")
        machine = socket.gethostname()
        folder, version = self._place["folder"], self._place["version"]
        if tfflowgan.__version__ != version:
            return {
                "refused": f"{machine} has tfflowgan {tfflowgan.__version__}, and this machine "
                f"{version}; install the same on all."
            }
        if ray.get(self._attempts.begin.remote(chunk)) > _ATTEMPTS:
            return {
                "refused": f"{_ATTEMPTS} workers died while they scored {paths[0]} to {paths[-1]}; "
                "give each more memory (a lower --ray_workers), or take out what crashes a decoder."
            }
        try:
            os.chdir(folder)  # what relative paths begin with
        except OSError as error:
            return {"refused": f"{machine} cannot enter {folder}: {error.strerror}."}
        try:
            with own_code.consent(everything=self._place["allow_code"]):
                rows, errors = self._scorer(paths)
        except UserError as error:
            return {"refused": f"{machine}: {error}"}
        unseen = [error["path"] for error in errors if not os.path.exists(error["path"])]
        done, self._scorer.done = self._scorer.done, type(self._scorer.done)()
        return {"rows": rows, "errors": errors, "done": done, "unseen": unseen, "machine": machine}


def _results(ray, scorer, chunks, count, cpus) -> Iterator[tuple[int, str]]:
    """The number of each chunk and what `_Worker` gives for it, in order."""
    data = importlib.import_module("ray.data")
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    place = {
        "folder": os.getcwd(),
        "version": tfflowgan.__version__,
        "allow_code": own_code.allows_everything(),
    }
    attempts = ray.remote(num_cpus=0)(_Attempts).remote()
    items = [
        {"chunk": i, "paths": json.dumps([str(path) for path in paths])}
        for i, paths in enumerate(chunks)
    ]
    scored = data.from_items(items, override_num_blocks=len(items)).map_batches(
        _Worker,
        batch_size=1,
        compute=data.ActorPoolStrategy(size=count),
        fn_constructor_args=(scorer, attempts, place, cpus),
        num_cpus=cpus,
    )
    for row in scored.iter_rows():
        yield row["chunk"], row["found"]


def _checked(found, scorer):
    """The rows and errors of a chunk.

    Raises:
      UserError: the worker could not score it.
    """
    if "refused" in found:
        raise UserError(f"--engine=ray: {found['refused']}")
    for path in found["unseen"]:
        if os.path.exists(path):
            raise UserError(
                f"--engine=ray: {found['machine']} does not see {path}; images and model must lie "
                "in folders that all machines have under the same path."
            )
    scorer.done.update(found["done"])
    return found["rows"], found["errors"]


def _check_answer(address):
    host, _, port = address.rpartition(":")
    if "/" in host or not host or not port.isdigit() or not 0 < int(port) < 2**16:
        raise UserError(
            f"--ray_address={address} must be HOST:PORT, as `ray start --head` prints it, or auto."
        )
    try:
        socket.create_connection((host, int(port)), _TIMEOUT).close()
    except OSError as error:
        raise UserError(
            f"--ray_address={address} does not answer ({error.strerror or error}); start a cluster "
            "with `ray start --head`, or leave the flag out."
        ) from None


def _reason(error):
    """What an error of Ray comes from: the last line of its text that looks like an exception."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    causes = [line for line in lines if re.match(r"[\w.]*(Error|Exception): ", line)]
    return (causes or lines[:1])[-1].rstrip(".")

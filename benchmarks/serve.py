"""A process that measures one implementation; requests and answers are lines of JSON.

Requests come on stdin, and answers go to stdout:

    {"do": "prepare", "operation": "mle"}   builds the operation and runs it once:
                                            {"first": seconds}, or {} if there is none
    {"do": "run", "seconds": 2.0}           repeats it for that long, at least once:
                                            {"times": [seconds, ...]}
    {"do": "drop"}                          frees it:
                                            {"peak": MiB of resident memory since `prepare`}
    {"do": "density", "path": "x.npz"}      log-densities of given images under given weights:
                                            {"log_prob": [...]}
    {"do": "kernels", "operation": "mle"}   {"kernels": [[kernel, count], ...]}
    {"do": "facts", "operations": [...]}    {"parameters": n, "flops": {operation: per call},
                                             "shapes": [...], "versions": {...},
                                             "start": seconds from the process to a built model}

Imports only the standard library, so that peers with environments of their own can share it.
"""

import ctypes
import gc
import importlib.metadata
import json
import os
import sys
import time

__all__ = ["Implementation", "cores", "serve"]


class Implementation:
    """One implementation of one architecture at one batch size; peers subclass it."""

    def operation(self, name: str):
        """A function that runs the operation once and waits for its result; None without one."""
        raise NotImplementedError

    def parameters(self) -> int:
        """How many trainable numbers it has."""
        raise NotImplementedError

    def shapes(self) -> list | None:
        """The shapes of the weights that `density` takes, in its order; None if it takes none."""
        return None

    def flops(self, name: str) -> int | None:
        """Floating-point operations of one call, counted by the library; None if it cannot."""
        return None

    def kernels(self, name: str) -> list:
        """The kernels of one call, as `counting` writes them: [[kernel, count], ...]."""
        raise NotImplementedError

    def density(self, path: str) -> list[float]:
        """Log-densities in nats of an archive's "images" under its weights "0", "1", ..."""
        raise NotImplementedError


def cores() -> int:
    """The cores that this process may use; every implementation has all of them."""
    return len(os.sched_getaffinity(0))


def serve(make) -> None:
    """Answers requests until stdin ends; `make(spec)` builds the `Implementation`."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes elsewhere
    spec = json.loads(sys.argv[1])
    implementation = make(spec)
    started, run = time.time() - spec["started"], None
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            _reset_peak()
            start, answer = time.perf_counter(), {}
            run = implementation.operation(request["operation"])
            if run is not None:
                run()
                answer = {"first": time.perf_counter() - start}
        elif request["do"] == "run":
            answer = {"times": _repeat(run, request["seconds"])}
        elif request["do"] == "drop":
            answer, run = {"peak": _peak()}, None
        elif request["do"] == "kernels":
            answer = {"kernels": implementation.kernels(request["operation"])}
        elif request["do"] == "density":
            answer = {"log_prob": [float(v) for v in implementation.density(request["path"])]}
        else:
            counted = {name: implementation.flops(name) for name in request["operations"]}
            answer = {"parameters": implementation.parameters(), "flops": counted, "start": started}
            answer |= {"shapes": implementation.shapes(), "versions": _versions()}
        print(json.dumps(answer), file=answers, flush=True)


def _versions():
    packages = (
        "tensorflow",
        "tensorflow-probability",
        "keras",
        "torch",
        "nflows",
        "normflows",
        "zuko",
        "FrEIA",
        "numpy",
    )
    return {
        p: importlib.metadata.version(p) for p in packages if p.replace("-", "_") in sys.modules
    }


def _repeat(run, seconds):
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def _reset_peak():
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))

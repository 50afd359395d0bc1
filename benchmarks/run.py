"""Measures every implementation of an architecture, in turns, and keeps what it has measured.

    python benchmarks/run.py --peers_python=PATH [--architectures=nice,nvp] [--batches=small]

Results go to docs/results/performance/ARCHITECTURE_BATCH.json after every operation. What is there
already is not measured again: a run that was stopped continues, and a deleted file is measured
again. A file of another machine, of other options or of other implementations is refused.
"""

import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from absl import app, flags
from processes import Worker
from suite import ARCHITECTURES, OPERATIONS, implementations, refuse_others, spec

_PEERS = flags.DEFINE_string(
    "peers_python", None, "interpreter with benchmarks/requirements.txt", required=True
)
_CHOSEN = flags.DEFINE_list("architectures", list(ARCHITECTURES), "which")
_BATCHES = flags.DEFINE_list("batches", ["small", "large"], "small, large")
_OPERATIONS = flags.DEFINE_list("operations", list(OPERATIONS), "which")
_NAMES = flags.DEFINE_list(
    "implementations", [], "which, such as 'PyTorch fused'; without, all that an architecture has"
)
_TURNS = flags.DEFINE_integer(
    "turns", 5, "how often each implementation has its turn", lower_bound=1
)
_SECONDS = flags.DEFINE_float(
    "seconds", 2.0, "how long a turn is, one call at least", lower_bound=0
)
_PAIRS = flags.DEFINE_bool(
    "pairs",
    False,
    "each implementation beside ours alone, where all do not fit into memory together",
)
_OUTPUT = flags.DEFINE_string("output", "docs/results/performance", "folder")
_OURS = "tfflowgan float32"


def main(_):
    """Measures all that is asked for."""
    names = {n for a in ARCHITECTURES for n in implementations(a, "", "")}
    for flag, given, known in (
        ("implementations", _NAMES.value, names),
        ("architectures", _CHOSEN.value, ARCHITECTURES),
        ("batches", _BATCHES.value, ("small", "large")),
        ("operations", _OPERATIONS.value, OPERATIONS),
    ):
        if unknown := [name for name in given if name not in known]:
            raise SystemExit(f"--{flag}={unknown[0]} is not known; it can be {', '.join(known)}.")
    if not shutil.which(_PEERS.value):
        raise SystemExit(f"--peers_python={_PEERS.value} is no interpreter; make bench makes one.")
    for name in _CHOSEN.value:
        architecture = ARCHITECTURES[name]
        for size, batch in zip(("small", "large"), architecture.batches, strict=True):
            if size in _BATCHES.value:
                _measure(architecture, batch)


def _measure(architecture, batch):
    path = pathlib.Path(_OUTPUT.value) / f"{architecture.name}_{batch}.json"
    same = {
        "machine": _machine(),
        "options": architecture.options,
        "names": [*_chosen(architecture)],
    }
    results = {"facts": {}, "operations": {}} | same
    if path.exists():
        results = json.loads(path.read_text())
    refuse_others(path, results, same)
    missing = [o for o in _OPERATIONS.value if o not in results["operations"]]
    if not missing and results["facts"]:
        print(f"{path} has all of it; delete it, or an operation in it, to measure again.")
        return
    if not results["facts"]:
        workers = {}
        for name in _chosen(architecture):
            workers |= _start(
                architecture, batch, (name,)
            )  # one after the other, for what it takes is measured
            facts = workers[name].ask("facts", operations=["log_prob", "sample", "mle"])
            results["facts"][name] = {
                key: facts[key] for key in ("parameters", "flops", "start", "versions")
            }
            print(name, results["facts"][name], flush=True)
        _check_equal(results["facts"])
        if architecture.batches[0] == batch:
            results["largest_relative_difference_of_log_prob"] = _same_density(
                workers, architecture
            )
        _stop(workers)
        _write(path, results)
    for (
        operation
    ) in missing:  # in new processes, so that nothing is compiled or held from the one before
        how = {
            "turns": _TURNS.value,
            "seconds_a_turn": _SECONDS.value,
            "seed": 0,
            "commit": _commit(),
            "pairs": _PAIRS.value,
        }
        results["operations"][operation] = (_in_pairs if _PAIRS.value else _together)(
            architecture, batch, operation
        )
        results.setdefault("how", {})[operation] = how
        _write(path, results)


def _write(path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(results, indent=1) + "\n")
    os.replace(part, path)


def _together(architecture, batch, operation):
    """All implementations take turns."""
    workers = _start(architecture, batch)
    rows = _turns(workers, operation, batch)
    _stop(workers)
    return rows


def _in_pairs(architecture, batch, operation):
    """Each other one takes turns with ours; "beside" is what ours did meanwhile."""
    rows = {}
    for name in _chosen(architecture):
        if name != _OURS:
            workers = _start(architecture, batch, (_OURS, name))
            pair = _turns(workers, operation, batch)
            _stop(workers)
            rows.setdefault(_OURS, pair[_OURS])
            if name in pair:
                rows[name] = pair[name] | {"beside": pair[_OURS]["turns"]}
    return rows


def _chosen(architecture):
    """The implementations to measure; ours in float32 is always one, for the others stand to it."""
    known = implementations(architecture.name, sys.executable, _PEERS.value)
    return {n: how for n, how in known.items() if not _NAMES.value or n in (_OURS, *_NAMES.value)}


def _start(architecture, batch, names=None):
    return {
        name: Worker(interpreter, script, spec(architecture, batch, variant))
        for name, (interpreter, script, variant) in _chosen(architecture).items()
        if names is None or name in names
    }


def _stop(workers):
    for worker in workers.values():
        worker.close()


def _turns(workers, operation, batch):
    times, rows = {}, {}
    for name, worker in workers.items():
        answer = worker.ask("prepare", operation=operation)
        if "first" in answer:  # an implementation may lack an operation
            rows[name], times[name] = {"first": answer["first"]}, []
    for _ in range(_TURNS.value):
        for name, taken in times.items():
            taken.append(
                statistics.median(workers[name].ask("run", seconds=_SECONDS.value)["times"])
            )
    for name, taken in times.items():
        rate = batch / statistics.median(taken)
        rates = [batch / t for t in taken]
        rows[name] |= {
            "images_per_second": rate,
            "turns": rates,
            "peak_mib": workers[name].ask("drop")["peak"],
        }
        print(f"{operation:10} {batch:5} {name:22} {rate:9.1f} images/s", flush=True)
    return rows


def _check_equal(facts):
    """Every implementation has as many weights; all that count operations count as many."""
    parameters = {name: f["parameters"] for name, f in facts.items()}
    if len(set(parameters.values())) != 1:
        raise SystemExit(f"the implementations differ in their parameters: {parameters}")
    for operation in ("log_prob", "sample", "mle"):
        counts = {name: f["flops"][operation] for name, f in facts.items() if f["flops"][operation]}
        if max(counts.values()) > 1.001 * min(counts.values()):
            raise SystemExit(
                f"the implementations differ in the arithmetic of {operation}: {counts}"
            )


def _same_density(workers, architecture):
    """The largest relative difference between log-densities of peers and ours, same weights."""
    ours = workers["tfflowgan float32"]
    generator = np.random.default_rng(0)
    weights = [
        0.05 * generator.standard_normal(shape).astype("float32")
        for shape in ours.ask("facts", operations=[])["shapes"]
    ]
    images = generator.uniform(0.01, 0.99, (8, *architecture.image_shape)).astype("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.npz")
        np.savez(path, images=images, **{str(i): w for i, w in enumerate(weights)})
        names = [
            n for n in ("tfflowgan float32", "PyTorch fused", "TFP RealNVP plain") if n in workers
        ]
        values = np.array([workers[name].ask("density", path=path)["log_prob"] for name in names])
    difference = float(np.max(np.abs(values[1:] - values[0]) / np.abs(values[0])))
    if not difference < 1e-4:
        raise SystemExit(f"log-densities differ by {difference:.2g} under the same weights")
    return difference


def _commit():
    """The commit that is measured, marked where files other than results differ from it."""
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    changed = subprocess.run(
        ["git", "diff", "--quiet", "HEAD", "--", ".", ":!docs/results"], capture_output=True
    ).returncode
    return head + ("-dirty" if changed else "") if head else None


def _machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    app.run(main)

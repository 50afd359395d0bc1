"""Measures this machine's limit for an operation: its matrix products and convolutions alone.

    python benchmarks/limits.py --peers_python=PATH [--architectures=nice,nvp] [--operations=mle]

Every kernel in our graphs is timed by itself: in TensorFlow with all cores on it, in TensorFlow as
shares of the batch in parallel, and in PyTorch. The limit adds up the fastest of the three. Results
go to docs/results/performance/limits_ARCHITECTURE_BATCH.json. A file of other options there, also
one of `run.py`, is refused.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from absl import app, flags
from counting import flops
from processes import Worker
from suite import ARCHITECTURES, OPERATIONS, implementations, refuse_others, spec

_PEERS = flags.DEFINE_string(
    "peers_python", None, "interpreter with benchmarks/requirements.txt", required=True
)
_CHOSEN = flags.DEFINE_list("architectures", list(ARCHITECTURES), "which")
_OPERATIONS = flags.DEFINE_list("operations", list(OPERATIONS), "which")
_OUTPUT = flags.DEFINE_string("output", "docs/results/performance", "folder")
_TURNS = 3


def main(_):
    """Measures the limits at the small batch."""
    if not shutil.which(_PEERS.value):
        raise SystemExit(f"--peers_python={_PEERS.value} is no interpreter; make bench makes one.")
    for flag, given, known in (
        ("architectures", _CHOSEN.value, ARCHITECTURES),
        ("operations", _OPERATIONS.value, OPERATIONS),
    ):
        if unknown := [name for name in given if name not in known]:
            raise SystemExit(f"--{flag}={unknown[0]} is not known; it can be {', '.join(known)}.")
    folder = pathlib.Path(_OUTPUT.value)
    for name in _CHOSEN.value:
        architecture = ARCHITECTURES[name]
        batch = architecture.batches[0]
        for path in (folder / f"{name}_{batch}.json", folder / f"limits_{name}_{batch}.json"):
            if path.exists():
                refuse_others(path, json.loads(path.read_text()), {"options": architecture.options})
        interpreter, script, variant = implementations(name, sys.executable, _PEERS.value)[
            "tfflowgan float32"
        ]
        worker = Worker(interpreter, script, spec(architecture, batch, variant) | {"share": False})
        calls = {
            o: [(tuple(k), n) for k, n in worker.ask("kernels", operation=o)["kernels"]]
            for o in _OPERATIONS.value
        }
        worker.close()
        kernels = sorted({kernel for call in calls.values() for kernel, _ in call})
        seconds = {dtype: _times(kernels, dtype) for dtype in ("float32", "bfloat16")}
        options = architecture.options
        results = {"batch": batch, "options": options, "kernels": [], "limits": {}}
        for i, kernel in enumerate(kernels):
            results["kernels"].append(
                {
                    "kernel": kernel,
                    **{d: {lib: t[i] for lib, t in s.items()} for d, s in seconds.items()},
                }
            )
        for operation, call in calls.items():
            best = {
                d: {k: min(t[i] for t in s.values() if t[i]) for i, k in enumerate(kernels)}
                for d, s in seconds.items()
            }
            results["limits"][operation] = {
                "gflop": sum(n * flops(k) for k, n in call) / 1e9,
                "kernels": [[k, n] for k, n in call],
                **{d: batch / sum(n * best[d][k] for k, n in call) for d in best},
            }
        path = pathlib.Path(_OUTPUT.value) / f"limits_{name}_{batch}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n")
        print(
            name,
            {o: {d: round(limit[d], 1) for d in seconds} for o, limit in results["limits"].items()},
            flush=True,
        )


def _times(kernels, dtype):
    """Library -> the best of several turns for each kernel, in seconds."""
    peers = pathlib.Path(__file__).parent / "peers"
    scripts = {
        "TensorFlow": [sys.executable, peers / "tf_kernels.py"],
        "TensorFlow, shares": [sys.executable, peers / "tf_kernels.py", "shares"],
        "PyTorch": [_PEERS.value, peers / "torch_kernels.py"],
    }
    request = json.dumps([[kernel, dtype] for kernel in kernels])
    turns = {library: [] for library in scripts}
    for _ in range(_TURNS):
        for library, command in scripts.items():
            done = subprocess.run(
                command, input=request, capture_output=True, text=True, check=True
            )
            turns[library].append(json.loads(done.stdout))
    return {
        library: [None if None in times else min(times) for times in zip(*t, strict=True)]
        for library, t in turns.items()
    }


if __name__ == "__main__":
    app.run(main)

"""Measures the wait for imports, --help and the first training step, and its memory.

    python benchmarks/startup.py [--turns=5]

Each is a process of its own, in turns; the medians are printed. Results go to
docs/results/performance/startup.json.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import time

from absl import app, flags

_TURNS = flags.DEFINE_integer("turns", 5, "how often each is run", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "docs/results/performance/startup.json", "file")

_ROOT = pathlib.Path(__file__).parents[1]
_FIRST = """
import sys; sys.path.insert(0, "benchmarks/peers"); sys.path.insert(0, "benchmarks")
import ours, suite, time
a = suite.ARCHITECTURES["nvp3"]
o = ours.Ours(suite.spec(a, 64, "float32"))
start = time.perf_counter(); o.operation("mle")(); print(time.perf_counter() - start)
"""
_RESIDENT = """
import tensorflow
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith(
    "VmRSS"
)))
"""
_COMMANDS = {
    "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    "import tfflowgan": [sys.executable, "-c", "import tfflowgan"],
    "import all of tfflowgan.training": [sys.executable, "-c", "import tfflowgan.training.train"],
    "bin/train --help": [sys.executable, "bin/train", "--help"],
}


def main(_):
    """Measures and prints."""
    seconds = {name: [] for name in [*_COMMANDS, "first MLE step of nvp3"]}
    for _ in range(_TURNS.value):
        for name, command in _COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=_ROOT, check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - start)
        done = subprocess.run(
            [sys.executable, "-c", _FIRST], cwd=_ROOT, check=True, capture_output=True, text=True
        )
        seconds["first MLE step of nvp3"].append(float(done.stdout))
    for name, times in seconds.items():
        print(f"{name:40} {statistics.median(times):6.2f} s")
    resident = subprocess.run(
        [sys.executable, "-c", _RESIDENT], cwd=_ROOT, check=True, capture_output=True, text=True
    ).stdout
    print(f"resident after importing tensorflow {resident.strip()} MiB")
    path = pathlib.Path(_OUTPUT.value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {"seconds": seconds, "resident_mib_after_importing_tensorflow": int(resident)}, indent=1
        )
        + "\n"
    )


if __name__ == "__main__":
    app.run(main)

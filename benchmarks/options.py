"""Measures what our own options cost and save in a training step of nvp3.

    python benchmarks/options.py [--batch=256]

The step is measured with default settings, without shared batches, with recomputation, and in
bfloat16, in processes that take turns. Results go to docs/results/performance/options_BATCH.json.
"""

import json
import pathlib
import statistics
import sys

from absl import app, flags
from processes import Worker
from suite import ARCHITECTURES, spec

_BATCH = flags.DEFINE_integer("batch", 64, "images a step")
_TURNS = flags.DEFINE_integer("turns", 5, "how often each has its turn", lower_bound=1)
_OUTPUT = flags.DEFINE_string("output", "docs/results/performance", "folder")


def main(_):
    """Measures, writes and prints."""
    base = spec(ARCHITECTURES["nvp3"], _BATCH.value, "float32")
    specs = {
        "as it is": base,
        "without shared batches": base | {"share": False},
        "recompute": base | {"options": base["options"] | {"recompute": True}},
        "bfloat16 networks": base | {"variant": "bfloat16"},
        "bfloat16 networks, recompute": base
        | {"variant": "bfloat16", "options": base["options"] | {"recompute": True}},
    }
    script = str(pathlib.Path(__file__).parent / "peers" / "ours.py")
    workers = {name: Worker(sys.executable, script, s) for name, s in specs.items()}
    first = {
        name: worker.ask("prepare", operation="mle")["first"] for name, worker in workers.items()
    }
    times = {name: [] for name in workers}
    for _ in range(_TURNS.value):
        for name, worker in workers.items():
            times[name].append(statistics.median(worker.ask("run", seconds=2.0)["times"]))
    results = {}
    for name, worker in workers.items():
        rates = [_BATCH.value / t for t in times[name]]
        results[name] = {
            "images_per_second": statistics.median(rates),
            "turns": rates,
            "first": first[name],
            "peak_mib": worker.ask("drop")["peak"],
        }
        worker.close()
        print(
            f"{name:30} {results[name]['images_per_second']:8.1f} images/s "
            f"{results[name]['peak_mib']:8.0f} MiB",
            flush=True,
        )
    path = pathlib.Path(_OUTPUT.value) / f"options_{_BATCH.value}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    app.run(main)

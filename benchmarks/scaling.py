"""How cost grows: images/s of nvp over batch sizes, levels, widths, image sizes and logical devices, and a picture of each.

    python benchmarks/scaling.py [--sweeps=batch,levels]

Everything but what a sweep varies is nvp of 2 levels and width 16 on 32x32x3 at batch 64. Each point is a process of its own.
Results go to docs/results/performance/scaling.json, and a sweep that is there already is not measured again; pictures go to
docs/results/performance/scaling_SWEEP.png.
"""

import json
import pathlib
import statistics
import sys

import matplotlib
from absl import app, flags
from processes import Worker

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import LogLocator, ScalarFormatter

_OUTPUT = flags.DEFINE_string("output", "docs/results/performance", "folder")
_PEERS = pathlib.Path(__file__).parent / "peers"
_BASE = {
    "architecture": "nvp",
    "image_shape": (32, 32, 3),
    "options": {"levels": 2, "width": 16, "blocks": 4, "logit_alpha": 1e-5},
    "batch": 64,
    "variant": "float32",
}


def _options(**changed):
    return {"options": _BASE["options"] | changed}


SWEEPS = {
    "batch": {n: {"batch": n} for n in (4, 16, 64, 256, 512)},
    "levels": {n: _options(levels=n) for n in (1, 2, 3)},
    "width": {n: _options(width=n) for n in (8, 16, 32, 64)},
    "image_size": {n: {"image_shape": (n, n, 3)} for n in (28, 32, 64)},
    "devices": {n: {"devices": n} for n in (1, 2)},
}
_CHOSEN = flags.DEFINE_list("sweeps", list(SWEEPS), "which")


def main(_):
    """Measures, writes and draws."""
    path = pathlib.Path(_OUTPUT.value) / "scaling.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    for sweep in _CHOSEN.value:
        if sweep not in results:
            results[sweep] = {str(value): _measure(_BASE | change) for value, change in SWEEPS[sweep].items()}
            path.write_text(json.dumps(results, indent=1) + "\n")
        _draw(sweep, results[sweep], path.with_name(f"scaling_{sweep}.png"))
        print(sweep, json.dumps(results[sweep], indent=1), flush=True)


def _measure(spec):
    script = "ours_devices.py" if "devices" in spec else "ours.py"
    worker = Worker(sys.executable, str(_PEERS / script), spec)
    point = {}
    for operation in ("mle",) if "devices" in spec else ("log_prob", "mle"):
        worker.ask("prepare", operation=operation)
        times = worker.ask("run", seconds=5.0)["times"]
        point[operation] = {
            "images_per_second": spec["batch"] / statistics.median(times),
            "quartiles": [spec["batch"] / t for t in statistics.quantiles(times)[::2][::-1]] if len(times) > 1 else None,
            "gflop_per_second": (worker.ask("facts", operations=[operation])["flops"][operation] / statistics.median(times) / 1e9)
            if "devices" not in spec
            else None,
            "peak_mib": worker.ask("drop")["peak"],
        }
    worker.close()
    return point


def _draw(sweep, points, path):
    figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
    values = [int(value) for value in points]
    every = []
    for operation in next(iter(points.values())):
        rates = [p[operation]["images_per_second"] for p in points.values()]
        every += rates
        axes.plot(values, rates, marker="o", label={"mle": "training step (MLE)"}.get(operation, operation))
    axes.set(xlabel=sweep.replace("_", " "), ylabel="images/s", xscale="log", xticks=values, xticklabels=values)
    if max(every) > 2 * min(every):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
    else:
        axes.set_ylim(bottom=0)
    axes.minorticks_off()
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    app.run(main)

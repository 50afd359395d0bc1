"""Measures how nvp's cost grows with batch size, levels, width, image size and devices.

    python benchmarks/scaling.py [--sweeps=batch,levels]

A sweep varies one of these from the base: nvp of 2 levels and width 16 on 32x32x3 at batch 64, with
cores sharing the batch. The devices are logical ones. Each point is a process of its own, in turns
with a process of the base, and the result is the ratio of their times per image. Results go to
docs/results/performance/scaling.json, where an existing sweep is not measured again; one plot per
sweep goes to scaling_SWEEP.png.
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
_TURNS = flags.DEFINE_integer(
    "turns", 5, "how often a point and the base have their turns", lower_bound=2
)
_PEERS = pathlib.Path(__file__).parent / "peers"
BASE = {
    "flow": "nvp",
    "critic": "dcgan",
    "image_shape": (32, 32, 3),
    "options": {
        "levels": 2,
        "width": 16,
        "blocks": 4,
        "learned_bound": False,
        "logit_alpha": 1e-5,
    },
    "batch": 64,
    "variant": "float32",
}


def _options(**changed):
    return {"options": BASE["options"] | changed}


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
    if unknown := [sweep for sweep in _CHOSEN.value if sweep not in SWEEPS]:
        raise SystemExit(f"--sweeps={unknown[0]} is not known; it can be {', '.join(SWEEPS)}.")
    path = pathlib.Path(_OUTPUT.value) / "scaling.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    for sweep in _CHOSEN.value:
        if sweep not in results:
            results[sweep] = {
                str(value): _measure(BASE | change) for value, change in SWEEPS[sweep].items()
            }
            path.write_text(json.dumps(results, indent=1) + "\n")
        _draw(sweep, results[sweep], path.with_name(f"scaling_{sweep}.png"))
        print(sweep, json.dumps(results[sweep]), flush=True)


def _measure(spec):
    """Operation -> time per image relative to the base's (median, least, greatest), and more."""
    workers = {
        "base": Worker(sys.executable, str(_PEERS / "ours.py"), BASE),
        "point": Worker(
            sys.executable,
            str(_PEERS / ("ours_devices.py" if "devices" in spec else "ours.py")),
            spec,
        ),
    }
    point = {}
    for operation in ("mle",) if "devices" in spec else ("log_prob", "mle"):
        for worker in workers.values():
            worker.ask("prepare", operation=operation)
        turns = []
        for _ in range(_TURNS.value):
            base, own = (
                statistics.median(workers[n].ask("run", seconds=0.7)["times"])
                for n in ("base", "point")
            )
            turns.append((own / spec["batch"]) / (base / BASE["batch"]))
        point[operation] = {
            "ratio": statistics.median(turns),
            "turns": turns,
            "peak_mib": workers["point"].ask("drop")["peak"],
        }
        if "devices" not in spec:
            flops = [
                workers[n].ask("facts", operations=[operation])["flops"][operation]
                for n in ("base", "point")
            ]
            point[operation]["ratio_of_operations"] = (flops[1] / spec["batch"]) / (
                flops[0] / BASE["batch"]
            )
    for worker in workers.values():
        worker.close()
    return point


def _draw(sweep, points, path):
    figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
    values = [int(value) for value in points]
    for operation, colour in zip(
        next(iter(points.values())), ("tab:blue", "tab:orange"), strict=False
    ):
        found = [p[operation] for p in points.values()]
        ratios = [p["ratio"] for p in found]
        spread = [[abs(p["ratio"] - end(p["turns"])) for p in found] for end in (min, max)]
        label = {"mle": "training step (MLE)"}.get(operation, operation)
        axes.errorbar(values, ratios, spread, marker="o", color=colour, label=label)
    if "ratio_of_operations" in found[0]:
        axes.plot(
            values,
            [p["ratio_of_operations"] for p in found],
            ":",
            color="black",
            label="counted operations",
        )
    axes.set(
        xlabel=sweep.replace("_", " "),
        ylabel="time an image / the base's",
        xscale="log",
        xticks=values,
    )
    axes.set_xticklabels(values)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(0.5, 0.7, 1, 1.5, 2, 3, 5, 7)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.minorticks_off()
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    app.run(main)

"""Prints docs/results/performance as the tables of docs/performance/measurements.md."""

import json
import pathlib
import statistics

from absl import app, flags
from suite import ARCHITECTURES, OPERATIONS

_FOLDER = flags.DEFINE_string(
    "folder", "docs/results/performance", "where `run.py` and `limits.py` wrote to"
)
_OURS = ("tfflowgan float32", "tfflowgan bfloat16")


def main(_):
    """One table an architecture and batch size."""
    if not pathlib.Path(_FOLDER.value).is_dir():
        raise SystemExit(f"--folder={_FOLDER.value} is no folder.")
    for name, architecture in ARCHITECTURES.items():
        for batch in architecture.batches:
            path = pathlib.Path(_FOLDER.value) / f"{name}_{batch}.json"
            if path.exists():
                limits = path.with_name(f"limits_{name}_{batch}.json")
                _print(
                    name,
                    batch,
                    json.loads(path.read_text()),
                    json.loads(limits.read_text()) if limits.exists() else None,
                )


def _print(name, batch, results, limits):
    if limits and limits.get("options") != results.get("options"):
        print(f"\nThe limits of {name} are of other options, so no share of them is shown.")
        limits = None
    operations = [o for o in OPERATIONS if o in results["operations"]]
    rates = {
        o: {n: r["images_per_second"] for n, r in results["operations"][o].items()}
        for o in operations
    }
    names = [n for n in results["facts"] if any(n in r for r in rates.values())]
    print(
        f"\n### {name}, batch {batch}\n\n| images/s | {' | '.join(operations)} | start, s | "
        "compiling, s | peak, MiB |"
    )
    print("|---|" + "---|" * (len(operations) + 3))
    for n in names:
        cells = [f"{rates[o][n]:.4g}" if n in rates[o] else "" for o in operations]
        mle = results["operations"].get("mle", {}).get(n, {})
        compiling = mle["first"] - batch / mle["images_per_second"] if "first" in mle else None
        cells += [
            _cell(results["facts"][n]["start"], ".1f"),
            _cell(compiling, ".1f"),
            _cell(mle.get("peak_mib"), ".0f"),
        ]
        print(f"| {n} | {' | '.join(cells)} |")
    for ours in [ours for ours in _OURS if ours in names]:
        for label, others in (
            (
                "the best with PyTorch",
                [n for n in names if n not in _OURS and not n.startswith("TFP")],
            ),
            ("TFP's best", [n for n in names if n.startswith("TFP")]),
        ):
            cells = [
                _best_ratio(results["operations"][o], ours, [n for n in others if n in rates[o]])
                for o in operations
            ]
            if any(cells):
                print(f"| {ours} / {label} | {' | '.join(cells)} | | | |")
    if limits:
        _print_limits(limits, operations, rates, batch)


def _print_limits(limits, operations, rates, batch):
    known = limits["limits"]

    def row(label, cell, alike):
        cells = [cell(o) if o in alike else "" for o in operations]
        print(f"| {label} | {' | '.join(cells)} | | | |")

    for ours in [ours for ours in _OURS if all(ours in rates[o] for o in operations)]:
        dtype = ours.split()[1]
        alike = [o for o in known if dtype == "float32" or o in ("log_prob", "sample", "mle")]
        row(  # critics are in float32
            f"{ours}, share of the limit",
            lambda o, ours=ours, dtype=dtype: f"{rates[o][ours] / known[o][dtype]:.0%}",
            alike,
        )
    row("limit, float32", lambda o: f"{known[o]['float32']:.4g}", known)
    row(
        f"GFLOP/s of {_OURS[0]}",
        lambda o: f"{known[o]['gflop'] * rates[o][_OURS[0]] / batch:.4g}",
        known,
    )
    row("MFLOP per image", lambda o: f"{known[o]['gflop'] / batch * 1e3:.4g}", known)


def _best_ratio(rows, ours, others):
    """Our turns over those of the fastest other: the median ratio, least and greatest."""
    if not others:
        return ""
    other = max(others, key=lambda name: statistics.median(_relative(rows, name)))
    ratios = [a / b for a, b in zip(_relative(rows, ours), _relative(rows, other), strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def _relative(rows, name):
    """The turns of an implementation; if only ours was measured beside it, relative to ours."""
    paired = any("beside" in row for row in rows.values())
    beside = (
        rows[name].get("beside", rows[name]["turns"])
        if paired
        else [1.0] * len(rows[name]["turns"])
    )
    return [turn / other for turn, other in zip(rows[name]["turns"], beside, strict=True)]


def _cell(value, form):
    return "" if value is None else format(value, form)


if __name__ == "__main__":
    app.run(main)

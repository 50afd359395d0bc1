"""Runs of `bin/train` on a device: killed and resumed, timed, and on several GPUs."""

import json
import pathlib
import subprocess
import sys
import time
from typing import Any

from checks.lines import ROOT, Failed, run_command

__all__ = ["PRECISIONS", "resuming", "several", "step_time"]

PRECISIONS = {
    "float32": ["--notf32"],
    "TF32": ["--tf32"],
    "bfloat16": ["--notf32", "--network_dtype=mixed_bfloat16"],
}
_DATA = ["--dataset=mnist", "--data_source=embedded"]
_SMALL = ["--flow=nice", "--width=64", "--layers=2", "--warmup_steps=0"]
_SAME = 1e-3  # bits/dim, between two runs
_CLOCKS = ("seconds", "data")  # columns of metrics that two equal runs may differ in


def resuming(folder: pathlib.Path, gpus: str, tiny: bool) -> dict[str, Any]:
    """Kills a run after its first checkpoint, resumes it, and compares with one in one go.

    Args:
      folder: for the runs.
      gpus: the flag of devices.
      tiny: whether it takes few steps.

    Raises:
      Failed: the metrics differ.
    """
    steps, period = (8, 2) if tiny else (60, 10)
    flags = [*_DATA, *_SMALL, gpus, "--deterministic", "--limit=400", "--batch_size=40"]
    flags += [f"--steps={steps}", f"--monitor_steps={period}"]
    rows, before = {}, 0
    for name in ("whole", "killed"):
        own = [*flags, f"--run={folder / name}", f"--output={folder / name}_model"]
        if name == "killed":
            before = _kill_after_checkpoint(own, folder / name)
        run_command("train", *own)
        rows[name] = _metrics(folder / name)
    differing = [
        (one["step"], column)
        for one, other in zip(rows["whole"], rows["killed"], strict=True)
        for column in one
        if column not in _CLOCKS and one[column] != other.get(column)
    ]
    numbers = {"rows": len(rows["whole"]), "rows_when_killed": before}
    if differing:
        raise Failed("metrics differ, first at step {} in {}".format(*differing[0]), numbers)
    return numbers


def step_time(
    folder: pathlib.Path, name: str, flags: list[str], gpus: str, tiny: bool
) -> dict[str, Any]:
    """Seconds per step of real NVP on digits, by `bin/train --dry_run`.

    Args:
      folder: for its JSON.
      name: of the precision.
      flags: of the precision.
      gpus: the flag of devices.
      tiny: whether the flow is one that takes no time.
    """
    flow = ["--flow=real_nvp", "--batch_size=64"]
    if tiny:
        flow = ["--flow=nice", "--width=4", "--layers=1", "--batch_size=10", "--limit=40"]
    output = folder / f"{name}.json"
    own = [*_DATA, *flow, *flags, gpus, "--steps=100"]
    run_command("train", *own, "--dry_run", f"--dry_run_output={output}", seconds=150.0)
    found = json.loads(output.read_text())
    keys = ("computed_on", "memory", "parameters")
    return {"seconds": found["seconds"]["step"]} | {key: found[key] for key in keys}


def several(folder: pathlib.Path, count: int, tiny: bool) -> dict[str, Any]:
    """Validation bits/dim of a run on one GPU and on all of them.

    Args:
      folder: for the runs.
      count: all of them.
      tiny: whether it takes few steps.

    Raises:
      Failed: they differ.
    """
    bits = {}
    for gpus in (1, count):
        path = folder / f"on_{gpus}"
        flags = [*_DATA, *_SMALL, f"--gpus={gpus}", f"--batch_size={8 * count}", "--limit=800"]
        flags += [f"--steps={4 if tiny else 30}", f"--run={path}", f"--output={path}_model"]
        run_command("train", *flags)
        bits[gpus] = _metrics(path)[-1]["validation_bits_per_dim"]
    difference = abs(bits[count] - bits[1])
    numbers = {"bits_per_dim": bits, "difference": difference}
    if not difference <= _SAME:
        raise Failed(f"they differ by {difference:.2g} bits/dim", numbers)
    return numbers


def _kill_after_checkpoint(flags, run) -> int:
    """Kills a run that has a checkpoint; returns its rows of metrics."""
    command = [sys.executable, str(ROOT / "bin" / "train"), *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 200.0
    while not list((run / "checkpoints").glob("step-*.index")) and process.poll() is None:
        if time.monotonic() > end:
            process.kill()
            raise Failed("no checkpoint came within 200 s")
        time.sleep(0.02)
    process.kill()
    process.wait()
    if (run / "finished.json").exists():
        raise Failed("the run had ended before it could be killed")
    return len(_metrics(run))


def _metrics(run) -> list[dict[str, Any]]:
    path = run / "metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

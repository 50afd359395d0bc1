"""The provenance of a result: versions, commit, machine and time. Part of every result."""

import datetime
import importlib.metadata
import pathlib
import platform
import subprocess

__all__ = ["provenance"]

_PACKAGES = ("tensorflow", "keras", "tensorflow-probability", "tensorflow-datasets", "numpy")


def provenance(tf32: bool | None = None) -> dict:
    """Package versions, git commit, hardware and time, as values that JSON can hold.

    Args:
      tf32: whether the work may use TF32; None for the setting at this moment.
    """
    from tfflowgan.tf32 import is_allowed

    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "hardware": _hardware(),
        "tf32": is_allowed() if tf32 is None else tf32,
    }


def _commit() -> str | None:
    here = pathlib.Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return None
    try:
        described = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"]
        return subprocess.run(
            described, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _hardware() -> str:
    from tfflowgan import devices

    gpus, cpus = devices.names(), devices.cpu_cores()
    model = platform.processor() or platform.machine()
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return ", ".join([f"{cpus} core{'s' if cpus != 1 else ''} of {model}", *gpus])

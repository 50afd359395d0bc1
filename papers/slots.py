"""Slots: equal shares of the machine, one per job, each with cores and a GPU of its own."""

import dataclasses
import os
import pathlib

__all__ = ["Slot", "make_slot", "most_jobs"]


@dataclasses.dataclass(frozen=True)
class Slot:
    """One job's share of the machine.

    Attributes:
      environment: environment variables that show a process its GPU.
      cores: the cores that a process may use; None for all.
    """

    environment: dict[str, str]
    cores: list[int] | None

    def pin_thread(self) -> None:
        """Keeps this thread, and every process that it starts from now on, on the slot's cores."""
        if self.cores:
            os.sched_setaffinity(0, self.cores)


def make_slot(i: int, jobs: int) -> Slot:
    """The i-th of `jobs` slots."""
    gpus, cores = _gpus(), _cores()
    several = 1 < jobs <= len(cores)
    return Slot(
        {"CUDA_VISIBLE_DEVICES": gpus[i % len(gpus)]} if gpus else {},
        cores[i::jobs] if several else None,
    )


def most_jobs() -> int | None:
    """How many jobs this machine has GPUs or cores for; None where the system does not say."""
    return max(len(_gpus()), len(_cores())) or None


def _gpus() -> list[str]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [gpu for gpu in visible.split(",") if gpu]
    return [str(n) for n, _ in enumerate(pathlib.Path("/proc/driver/nvidia/gpus").glob("*"))]


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

"""Slots: equal shares of the machine, one per job, each with cores and a GPU of its own.

GPUs are those of CUDA_VISIBLE_DEVICES, or else all NVIDIA cards, if TensorFlow finds them. It is
asked in a process of its own, and only where there is a card. A machine without has one slot per
core at most.
"""

import dataclasses
import functools
import os

from papers.commands import run_module
from tfflowgan import graphics_cards
from tfflowgan.errors import UserError

__all__ = ["Slot", "check", "make_slot"]


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


def check(jobs: int) -> None:
    """Checks that so many jobs have a GPU each, or without GPUs a core each.

    Raises:
      UserError: there are too few, or there would be no job.
    """
    if jobs < 1:
        raise UserError(f"--jobs={jobs} must be at least 1.")
    if jobs > 1 and (gpus := len(_gpus())):
        if jobs > gpus:
            raise UserError(
                f"--jobs={jobs} is more than this machine's {gpus} GPUs, one for each job; "
                "CUDA_VISIBLE_DEVICES= hides them, and then jobs share the cores."
            )
    elif (cores := len(_cores())) and jobs > cores:
        raise UserError(f"--jobs={jobs} is more than this machine's {cores} cores.")


def make_slot(i: int, jobs: int) -> Slot:
    """The i-th of `jobs` slots, which `check` has checked."""
    gpus, cores = _gpus(), _cores()
    several = 1 < jobs <= len(cores)
    return Slot(
        {"CUDA_VISIBLE_DEVICES": gpus[i % len(gpus)]} if gpus else {},
        cores[i::jobs] if several else None,
    )


@functools.cache
def _gpus() -> tuple[str, ...]:
    cards = graphics_cards.visible()
    return tuple(cards[: int(run_module("tfflowgan.devices", []))]) if cards else ()


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

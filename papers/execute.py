"""Carries a plan out by the commands of `bin/`, each in a process of its own; what is done is skipped, what stopped continues.

RUNS/NAME/            the run
RUNS/NAME/typed.json  the flags it was begun with, so that a recipe that has changed since is noticed
RUNS/logs/NAME.log    what its commands said

Several runs at a time share the machine out: a GPU each, where there are GPUs, and as many cores each. Networks too small to keep
two cores busy train next to each other in little more than the time of one.
"""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from papers.finished_run import find
from papers.plan import EvaluationJob, Plan, TrainingJob
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["environment", "execute", "is_judged", "is_trained", "most_jobs", "shown"]

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def execute(plan: Plan, runs: pathlib.Path, jobs: int, say: Callable[[str], None] = print) -> list[str]:
    """Trains and judges all runs of a plan.

    Args:
      plan: what is to be done.
      runs: the folder of all runs.
      jobs: how many runs at a time; one that starts from another waits for it.
      say: is told what happens, a line at a time.

    Returns:
      A sentence for every command that failed, with the end of what it said; artefacts that need it cannot be drawn.

    Raises:
      UserError: a folder cannot be written, or a run was begun with other flags than its recipe has now.
    """
    for training in plan.runs:
        is_trained(training)
    try:
        (runs / "logs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--runs={runs} cannot be written: {error.strerror}.") from None
    return _Execution(plan, runs, jobs, say).all()


def is_trained(training: TrainingJob) -> bool:
    """Whether a run is finished.

    Raises:
      UserError: it was begun with other flags than its recipe has now.
    """
    try:
        command, flags = json.loads((training.folder / "typed.json").read_text())
        other = _other({"command": command} | flags, training)
    except (OSError, ValueError, TypeError):
        return False
    if other:
        raise UserError(
            f"{training.folder} was begun with other flags ({other}); move it away to train it anew, or give another --runs."
        )
    try:
        return json.loads((training.folder / "finished.json").read_text())["seconds"] >= 0.0
    except (OSError, ValueError, TypeError, LookupError):
        return False


def is_judged(judging: EvaluationJob) -> bool:
    """Whether all evaluations of a judging are there."""
    return not _lacking(judging)


def shown(command: str, arguments: list[str]) -> str:
    """A command as one types it."""
    return " ".join([f"bin/{command}", *arguments])


def environment() -> dict[str, str]:
    """The environment of a process that imports this package, wherever it is started."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}


class _Failed(Exception):
    """A command ended with an error."""


class _Execution:
    """A plan that is being carried out."""

    def __init__(self, plan, runs, jobs, say):
        self._plan, self._runs, self._say = plan, runs, say
        self._failed: list[str] = []
        self._trained = {training: concurrent.futures.Future() for training in plan.runs}
        self._stop = threading.Event()
        self._places: queue.Queue[_Slot] = queue.Queue()
        for i in range(jobs):
            self._places.put(_slot(i, jobs))

    def all(self):
        # a thread each: those that wait for another run, or for a place, do nothing
        with concurrent.futures.ThreadPoolExecutor(len(self._plan.runs) or 1) as pool:
            futures = [pool.submit(self._one, training) for training in self._plan.runs]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return self._failed

    def _one(self, training):
        """Trains a run, after the one that it starts from, and judges it."""
        if training.after and not self._trained[training.after].result():
            self._failed.append(f"{training.name} was not run, because {training.after.name} failed.")
            self._trained[training].set_result(False)
            return
        place = self._places.get()
        try:
            done = is_trained(training) or self._train(training, place)
            self._trained[training].set_result(done)
            for judging in self._plan.judgings if done else []:
                if judging.run is training:
                    self._judge(judging, place)
        except BaseException as error:
            self._stop.set()
            if not self._trained[training].done():
                self._trained[training].set_exception(error)
            raise
        finally:
            self._places.put(place)

    def _train(self, training, place):
        _record_flags(training)
        return self._tried(training.command, training.arguments, training.name, place)

    def _judge(self, judging, place):
        """All that is lacking in one call; if that fails, each by itself, so that one failure costs no other."""
        lacking = _lacking(judging)
        if len(lacking) > 1:
            several = EvaluationJob(judging.run, judging.select, judging.dtype, {n: judging.evaluations[n] for n in lacking})
            if self._tried("evaluate", several.arguments, judging.run.name, place, last=False):
                return
        for name in _lacking(judging):
            self._tried("evaluate", judging.only(name).arguments, judging.run.name, place)

    def _tried(self, command, arguments, name, place, last=True):
        if self._stop.is_set():
            return False
        try:
            _call(command, arguments, name, self._runs, self._say, place)
        except _Failed as error:
            if last:
                self._failed.append(str(error))
            self._say(f"{name}: bin/{command} failed.")
            return False
        return True


def _lacking(judging):
    return [
        name
        for name, options in judging.evaluations.items()
        if find(judging.run.folder, name, judging.select, judging.dtype, options) is None
    ]


def _record_flags(training):
    try:
        training.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(training.folder / "typed.json", json.dumps([training.command, training.flags], indent=1) + "\n")
    except OSError as error:
        raise UserError(f"{training.folder} cannot be written: {error.strerror}.") from None


@dataclasses.dataclass(frozen=True)
class _Slot:
    """What one of several jobs has to itself: environment variables that show it a GPU, and cores, or None for all."""

    environment: dict[str, str]
    cores: list[int] | None


def most_jobs() -> int | None:
    """How many runs at a time this machine has places for: its GPUs or cores; None where the system does not tell."""
    return max(len(_gpus()), len(_cores())) or None


def _gpus():
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = [str(n) for n, _ in enumerate(pathlib.Path("/proc/driver/nvidia/gpus").glob("*"))]
    return gpus if visible is None else [gpu for gpu in visible.split(",") if gpu]


def _cores():
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _slot(i, jobs):
    """The i-th job's share of the machine."""
    gpus, cores = _gpus(), _cores()
    several = 1 < jobs <= len(cores)
    return _Slot({"CUDA_VISIBLE_DEVICES": gpus[i % len(gpus)]} if gpus else {}, cores[i::jobs] if several else None)


def _call(command, arguments, name, runs, say, place):
    log = runs / "logs" / f"{name}.log"
    start = time.monotonic()
    say(f"{name}: {shown(command, arguments)}")
    pin = f"import os; os.sched_setaffinity(0, {place.cores}); " if place.cores else ""
    process = [sys.executable, "-c", f"{pin}from tfflowgan.cli.{command} import main; main()", *arguments]
    with log.open("a") as file:
        file.write(f"$ {shown(command, arguments)}\n")
        file.flush()
        done = subprocess.run(process, stdout=file, stderr=file, check=False, env=environment() | place.environment)
    if done.returncode:
        last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1]
        raise _Failed(f"{name}: bin/{command} ended with code {done.returncode}: {last} (all it said is in {log})")
    say(f"{name}: bin/{command} took {time.monotonic() - start:.0f} s")


def _other(before, training):
    """What differs between the flags that a run was begun with and those of its recipe, places aside."""
    now = {"command": training.command} | training.flags
    places = ("run", "output", "data_dir", "init_from")
    names = [k for k in sorted(before.keys() | now.keys()) if before.get(k) != now.get(k) and k not in places]
    return ", ".join(f"--{k} was {before.get(k)}, now {now.get(k)}" for k in names)

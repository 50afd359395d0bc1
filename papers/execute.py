"""Carries out a plan by the commands of `bin/`, each in its own process.

RUNS/NAME/            the run
RUNS/NAME/typed.json  the flags it was begun with, so that a change of its recipe is noticed
RUNS/logs/NAME.log    the output of its commands

What is finished is skipped, and what was stopped continues. Several runs at a time share the
machine: each has a GPU, where there are GPUs, and an equal share of the cores. Networks too small
to keep two cores busy train side by side in little more than the time of one.
"""

import concurrent.futures
import dataclasses
import json
import os
import pathlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable

from papers.commands import as_typed, bin_command, last_line
from papers.finished_run import find
from papers.plan import EvaluationJob, Plan, TrainingJob
from papers.slots import Slot, make_slot
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["execute", "is_evaluated", "is_trained"]


def execute(
    plan: Plan, runs: pathlib.Path, jobs: int, say: Callable[[str], None] = print
) -> list[str]:
    """Trains and evaluates all runs of a plan.

    Args:
      plan: the runs and evaluations.
      runs: the folder of all runs.
      jobs: how many runs at a time; one that starts from another waits for it.
      say: called with each line of progress.

    Returns:
      A sentence for every command that failed, with the last line of its output.

    Raises:
      UserError: a folder cannot be written, or a run was begun with other flags than its
        recipe has now.
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
        changed = _changed_flags({"command": command} | flags, training)
    except (OSError, ValueError, TypeError):
        return False
    if changed:
        raise UserError(
            f"{training.folder} was begun with other flags ({changed}); move it away to train it "
            "again, or give another --runs."
        )
    try:
        end = json.loads((training.folder / "finished.json").read_text())
        return end["seconds"] >= 0.0
    except (OSError, ValueError, TypeError, LookupError):
        return False


def is_evaluated(job: EvaluationJob) -> bool:
    """Whether all evaluations of a job have results."""
    return not _missing(job)


class _Failed(Exception):
    """A command ended with an error."""


class _Execution:
    """A plan that is being carried out."""

    def __init__(self, plan: Plan, runs: pathlib.Path, jobs: int, say: Callable[[str], None]):
        self._plan, self._runs, self._say = plan, runs, say
        self._failed: list[str] = []
        self._trained: dict[TrainingJob, concurrent.futures.Future[bool]] = {
            training: concurrent.futures.Future() for training in plan.runs
        }
        self._stop = threading.Event()
        self._slots: queue.Queue[Slot] = queue.Queue()
        for i in range(jobs):
            self._slots.put(make_slot(i, jobs))

    def all(self) -> list[str]:
        """Carries out everything; returns what failed."""
        # one thread per run: those that wait for another run, or for a slot, cost nothing
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

    def _one(self, training: TrainingJob) -> None:
        """Trains a run, after the one that it starts from, and evaluates it."""
        if training.after and not self._trained[training.after].result():
            self._failed.append(
                f"{training.name} was not run, because {training.after.name} failed."
            )
            self._trained[training].set_result(False)
            return
        slot = self._slots.get()
        try:
            done = is_trained(training) or self._train(training, slot)
            self._trained[training].set_result(done)
            for job in self._plan.evaluation_jobs if done else []:
                if job.run is training:
                    self._evaluate(job, slot)
        except BaseException as error:
            self._stop.set()
            if not self._trained[training].done():
                self._trained[training].set_exception(error)
            raise
        finally:
            self._slots.put(slot)

    def _train(self, training: TrainingJob, slot: Slot) -> bool:
        _record_flags(training)
        return self._call(training.command, training.arguments, training.name, slot)

    def _evaluate(self, job: EvaluationJob, slot: Slot) -> None:
        """All missing evaluations in one call; if that fails, each by itself, so as to lose one."""
        missing = _missing(job)
        if len(missing) > 1:
            several = dataclasses.replace(
                job, evaluations={name: job.evaluations[name] for name in missing}
            )
            if self._call("evaluate", several.arguments, job.run.name, slot, again=True):
                return
        for name in _missing(job):
            self._call("evaluate", job.only(name).arguments, job.run.name, slot)

    def _call(
        self, command: str, arguments: list[str], name: str, slot: Slot, again: bool = False
    ) -> bool:
        """Whether a command succeeded; a failure is recorded unless it will be tried again."""
        if self._stop.is_set():
            return False
        try:
            _call(command, arguments, name, self._runs, self._say, slot)
        except _Failed as error:
            if not again:
                self._failed.append(str(error))
            self._say(f"{name}: bin/{command} failed.")
            return False
        return True


def _missing(job: EvaluationJob) -> list[str]:
    return [
        name
        for name, options in job.evaluations.items()
        if find(job.run.folder, name, job.select, job.dtype, options) is None
    ]


def _record_flags(training: TrainingJob) -> None:
    typed = json.dumps([training.command, training.flags], indent=1) + "\n"
    try:
        training.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(training.folder / "typed.json", typed)
    except OSError as error:
        raise UserError(f"{training.folder} cannot be written: {error.strerror}.") from None


def _call(
    command: str,
    arguments: list[str],
    name: str,
    runs: pathlib.Path,
    say: Callable[[str], None],
    slot: Slot,
) -> None:
    """Runs a command of `bin/` within a slot; what it says goes into the run's log."""
    log = runs / "logs" / f"{name}.log"
    start = time.monotonic()
    say(f"{name}: {as_typed(command, arguments)}")
    slot.pin_thread()
    with log.open("a") as file:
        file.write(f"$ {as_typed(command, arguments)}\n")
        file.flush()
        done = subprocess.run(
            bin_command(command, arguments),
            stdout=file,
            stderr=file,
            check=False,
            env=os.environ | slot.environment,
        )
    if done.returncode:
        last = last_line(log.read_text(errors="replace"))
        ended = f"bin/{command} ended with code {done.returncode}"
        raise _Failed(f"{name}: {ended}: {last} (its output is in {log})")
    say(f"{name}: bin/{command} took {time.monotonic() - start:.0f} s")


def _changed_flags(before: dict, training: TrainingJob) -> str:
    """The flags in which a run that was begun differs from its recipe, except for folders."""
    now = {"command": training.command} | training.flags
    folders = ("run", "output", "data_dir", "init_from")
    names = [
        name
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name) and name not in folders
    ]
    return ", ".join(f"--{name} was {before.get(name)}, now {now.get(name)}" for name in names)

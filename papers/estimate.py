"""How long the runs of a plan would take here, and how much disk, by `bin/train --dry_run`.

RUNS/trials.json keeps what was timed, so that a run is timed once.
"""

import hashlib
import json
import pathlib
import subprocess
import tempfile

from papers.commands import as_typed, bin_command, last_line
from papers.execute import is_evaluated, is_trained
from papers.plan import Plan, TrainingJob, as_flags
from tfflowgan.files import write_atomically
from tfflowgan.units import duration

__all__ = ["summarize"]

_PLACES = ("run", "output", "data_dir", "seed", "init_from")  # flags that change no time


def summarize(plan: Plan, runs: pathlib.Path, trials: bool) -> list[str]:
    """Lines about what a plan would do.

    Args:
      plan: the plan.
      runs: the folder of all runs.
      trials: whether to time what is not known; else only earlier trials and finished runs count.
    """
    cache = _Trials(runs / "trials.json")
    lines, seconds, size, unknown = [], 0.0, 0, []
    for training in plan.runs:
        lines.append(f"{training.name}: {as_typed(training.command, training.arguments)}")
        if is_trained(training):
            end = json.loads((training.folder / "finished.json").read_text())
            size_now = _size(training.folder) / 1e6
            lines.append(f"    done, in {duration(end['seconds'])}, {size_now:.0f} MB")
            continue
        trial = cache.known(training)
        if trial is None and trials:
            trial = _time(training, cache)
            if "problem" not in trial:
                cache.add(training, trial)
        if trial is None or "problem" in trial:
            lines.append(f"    {trial['problem'] if trial else 'not timed'}")
            unknown.append(training.name)
            continue
        seconds, size = seconds + trial["seconds"]["total"], size + trial["bytes"]
        lines.append(f"    {_summary(trial)}")
    jobs = [job for job in plan.evaluation_jobs if not is_evaluated(job)]
    lines += [f"{job.run.name}: {as_typed('evaluate', job.arguments)}" for job in jobs]
    count = sum(len(job.evaluations) for job in jobs)
    lines.append(f"{len(plan.artefacts)} artefacts, {len(plan.runs)} runs.")
    parts = []
    if seconds or not unknown:
        time = f"about {duration(seconds)} of training, one run at a time"
        parts.append(f"{time}, and {size / 1e9:.1f} GB of disk")
    if unknown:
        parts.append(f"unknown for {', '.join(unknown)}")
    lines.append(
        f"Still to be run: {'; '.join(parts)}; then {count} evaluations in {len(jobs)} processes, "
        "which are not in that time."
    )
    return lines


class _Trials:
    """What was timed earlier: a JSON file, hash of a run's flags -> output of its dry run."""

    def __init__(self, path: pathlib.Path):
        self._path = path
        try:
            known = json.loads(path.read_text())
        except (OSError, ValueError):
            known = {}
        self._known = known if isinstance(known, dict) else {}

    def known(self, training: TrainingJob) -> dict | None:
        """The trial of a run; None where there is none that can be read."""
        trial = self._known.get(_key(training), {})
        try:
            _summary(trial)
            return trial if trial["settings"] else None
        except (LookupError, TypeError, ValueError):
            return None

    def add(self, training: TrainingJob, trial: dict) -> None:
        """Keeps a trial."""
        self._known[_key(training)] = trial
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps(self._known, indent=1) + "\n")


def _time(training: TrainingJob, cache: _Trials) -> dict:
    """The output of a run's dry run, or {"problem": a sentence}."""
    if training.command != "train":
        return {"problem": f"bin/{training.command} has no --dry_run; it takes minutes"}
    with tempfile.TemporaryDirectory() as scratch:
        folder, flags = pathlib.Path(scratch), dict(training.flags)
        if training.after and not (training.after.folder / "config.json").exists():
            source = cache.known(training.after)
            if source is None:
                return {"problem": f"not timed, because {training.after.name} was not"}
            flags["init_from"] = str(folder / training.after.name)  # its settings are enough
            (folder / training.after.name).mkdir()
            settings = json.dumps(source["settings"])
            (folder / training.after.name / "config.json").write_text(settings)
        flags["run"] = str(folder / "run")  # so that a run that was begun is timed from its start
        output = folder / "trial.json"
        arguments = [*as_flags(flags), "--dry_run", f"--dry_run_output={output}"]
        process = bin_command("train", arguments)
        done = subprocess.run(process, capture_output=True, text=True, check=False)
        if done.returncode or not output.exists():
            said = last_line(done.stderr) or f"bin/train ended with code {done.returncode}"
            return {"problem": f"the trial failed: {said}"}
        return json.loads(output.read_text())


def _key(training: TrainingJob) -> str:
    """A hash of the flags that time depends on; also those of the run that it starts from."""
    chain, run = [], training
    while run:
        flags = {name: value for name, value in run.flags.items() if name not in _PLACES}
        chain.append([run.command, flags])
        run = run.after
    return hashlib.sha256(json.dumps(chain, sort_keys=True).encode()).hexdigest()[:16]


def _summary(trial) -> str:
    seconds = trial["seconds"]
    steps = f"{trial['steps']:,} steps of {seconds['step']:.2f} s"
    evaluations = f"{trial['evaluations']:,} evaluations of {seconds['evaluation']:.1f} s"
    total, size = duration(seconds["total"]), trial["bytes"] / 1e6
    return f"about {total} ({steps}, {evaluations}), {size:.0f} MB"


def _size(folder: pathlib.Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

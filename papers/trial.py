"""How long the runs of a plan would take here, by the first steps of each, and how much disk.

    time = start + steps x step + evaluations x evaluation + updates in bursts x step / (updates in a step + 1)

Both are measured in the second of two short periods, on the run's own images, so that nothing of compiling is in them. Trials
are kept in RUNS/trials.json.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

from papers.execute import environment, is_judged, is_trained, shown
from papers.plan import Plan
from tfflowgan.files import write_atomically

__all__ = ["describe", "trial"]

_START = 30.0  # seconds before the first step and after the last: a guess, 20 to 40 here
_PLACES = ("run", "output", "data_dir", "seed", "init_from")


def describe(plan: Plan, runs: pathlib.Path, trials: bool) -> list[str]:
    """Lines about what a plan would do.

    Args:
      plan: the plan.
      runs: the folder of all runs.
      trials: whether to time what is not known; else only what earlier trials and finished runs tell.
    """
    known = _read(runs / "trials.json")
    lines, seconds, size, unknown = [], 0.0, 0, []
    for training in plan.runs:
        lines.append(f"{training.name}: {shown(training.command, training.arguments)}")
        if is_trained(training):
            end = json.loads((training.folder / "finished.json").read_text())
            lines.append(f"    done, in {_time(end['seconds'])}, {_size(training.folder) / 1e6:.0f} MB")
            continue
        key = hashlib.sha256(json.dumps(_essence(training), sort_keys=True).encode()).hexdigest()[:16]
        found = known.get(key) or (_tried(training) if trials else {"problem": "not tried"})
        if "problem" in found:
            lines.append(f"    {found['problem']}")
            unknown.append(training.name)
            continue
        if key not in known:
            known[key] = found
            runs.mkdir(parents=True, exist_ok=True)
            write_atomically(runs / "trials.json", json.dumps(known, indent=1) + "\n")
        seconds, size = seconds + found["seconds"], size + found["bytes"]
        lines.append(f"    about {_time(found['seconds'])} ({found['how']}), {found['bytes'] / 1e6:.0f} MB")
    todo = [j for j in plan.judgings if not is_judged(j)]
    lines += [f"{j.run.name}: {shown('evaluate', j.arguments)}" for j in todo]
    count = sum(len(judging.evaluations) for judging in todo)
    lines.append(f"{len(plan.artefacts)} artefacts, {len(plan.runs)} runs.")
    parts = [f"about {_time(seconds)} of training, one run at a time, and {size / 1e9:.1f} GB of disk"]
    parts = parts if seconds or not unknown else []
    parts += [f"for {', '.join(unknown)} it is not known"] if unknown else []
    lines.append(f"To go: {'; '.join(parts)}; then {count} evaluations in {len(todo)} processes, which are not in that time.")
    return lines


def trial(chain: list[dict]) -> dict:
    """Times a run of `bin/train` in this process.

    Args:
      chain: its flags, before them those of the run that it starts from, and so on.

    Returns:
      {"seconds", "bytes", "how"}.
    """
    import keras

    from tfflowgan import config as config_module
    from tfflowgan import plugins
    from tfflowgan.bijectors import sharding
    from tfflowgan.config import Config
    from tfflowgan.runs.load import load_splits
    from tfflowgan.runs.run import Run
    from tfflowgan.training.fit import time_steps
    from tfflowgan.training.resolve import resolve, start_from
    from tfflowgan.training.schedule import CriticSchedule
    from tfflowgan.training.strategy import build_strategy

    config = None
    for flags in chain:
        given = {name: value for name, value in flags.items() if name not in ("run", "output", "init_from")}
        base = config_module.from_preset(given.pop("preset")) if "preset" in given else {}
        source, config = config, Config(**config_module.override(base, given, "the recipe"))
        config = resolve(start_from(config, source) if source else config)
    if config.flow and plugins.load("flows", config.flow, "flow").SHARES_BATCHES:
        sharding.enable()
    strategy = build_strategy("auto")
    keras.utils.set_random_seed(config.seed)
    splits = load_splits(config)
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(pathlib.Path(folder))
        times = time_steps(run, config, splits, strategy)
        size = _size(run.path)
    steps = config.epochs * (len(splits.train) // config.batch_size)
    evaluations = -(-steps // (config.monitor_steps or len(splits.train) // config.batch_size))
    total = _START + steps * times["step"] + evaluations * times["evaluation"]
    if config.burst_steps:
        independent = config.independent_steps or 0  # which has as many more in a burst as the training critic
        schedule = CriticSchedule(config.critic_steps, config.burst_steps, config.burst_first, config.burst_every)
        updates = schedule.total_burst_updates(steps) * (2 if independent else 1)
        total += updates * times["step"] / (config.critic_steps + independent + 1)
    how = f"{steps:,} steps of {times['step']:.2f} s, {evaluations} evaluations of {times['evaluation']:.1f} s"
    return {"seconds": total, "bytes": 2 * size, "how": how}


def _tried(training):
    """The trial of a run, in a process of its own."""
    if training.command != "train":
        return {"problem": f"bin/{training.command} has no trial; it takes minutes"}
    chain, run = [], training
    while run:
        chain.insert(0, run.flags)
        run = run.after
    program = "import json, sys; from papers import trial; "
    program += "print('TRIAL' + json.dumps(trial.trial(json.loads(sys.argv[1]))))"
    process = [sys.executable, "-c", program, json.dumps(chain)]
    done = subprocess.run(process, capture_output=True, text=True, check=False, env=environment())
    last = [line for line in done.stdout.splitlines() if line.startswith("TRIAL")]
    if done.returncode or not last:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        return {"problem": f"the trial failed: {said[-1] if said else f'code {done.returncode}'}"}
    return json.loads(last[-1].removeprefix("TRIAL"))


def _essence(training):
    return [training.command, {name: value for name, value in training.flags.items() if name not in _PLACES}]


def _read(path):
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _time(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

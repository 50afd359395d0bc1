"""Carrying plans out: what is done is skipped, what fails is said and loses nothing else."""

import hashlib
import json
import os
import sys
import threading

import pytest

from papers import execute, slots
from papers.finished_run import FinishedRun, find
from papers.plan import EvaluationJob, Plan, TrainingJob
from tfflowgan.errors import UserError


def _run(folder, name, after=None, **flags):
    return TrainingJob(name, folder / name, "train", {"width": 4} | flags, after)


def _finish(run, select="nll"):
    (run.folder / "checkpoints").mkdir(parents=True)
    for name in ("best", "best_score", "last"):
        (run.folder / "checkpoints" / f"{name}.index").write_text("weights")
    (run.folder / "config.json").write_text(json.dumps({"select": select, "dtype": "float32"}))
    (run.folder / "finished.json").write_text(json.dumps({"seconds": 1.0}))


def _evaluate(
    run,
    name="likelihood",
    select="nll",
    dtype="float32",
    file=None,
    value=1,
    date="2026",
    **options,
):
    (run.folder / "results").mkdir(exist_ok=True)
    weights = {"select": select, "sha256": hashlib.sha256(b"weights").hexdigest()}
    result = {
        "evaluation": name,
        "weights": weights,
        "dtype": dtype,
        "options": options,
        "value": value,
    }
    result["provenance"] = {"date": date}
    path = run.folder / "results" / f"{file or name}.json"
    path.write_text(json.dumps(result))
    return path


@pytest.fixture
def called(monkeypatch):
    """Commands do nothing but finish their runs and write results; those of runs named bad fail."""
    calls = []

    def call(command, arguments, name, runs, say, slot):
        calls.append((command, name))
        failing = (
            name.startswith("bad") and command == "train" or any("mixture" in a for a in arguments)
        )
        if failing:
            raise execute._Failed(f"{name}: {command} is bad")
        run = next(r for r in plan_of["plan"].runs if r.name == name)
        if command == "train":
            _finish(run)
        else:
            (names,) = (
                a.removeprefix("--evaluations=")
                for a in arguments
                if a.startswith("--evaluations=")
            )
            for job in plan_of["plan"].evaluation_jobs:
                for evaluation in names.split(",") if job.run is run else []:
                    _evaluate(run, evaluation, **job.evaluations.get(evaluation, {}))

    plan_of = {}
    monkeypatch.setattr(execute, "_call", call)

    def carry_out(plan, folder, jobs=1):
        plan_of["plan"] = plan
        calls.clear()
        return execute.execute(plan, folder, jobs, say=lambda line: None), list(calls)

    return carry_out


def _plan(runs, evaluation_jobs=()):
    return Plan("smoke", [], list(runs), list(evaluation_jobs), {})


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_done_is_not_done_again(tmp_path, called, jobs):
    runs = [_run(tmp_path, "a")]
    runs.append(_run(tmp_path, "b", after=runs[0]))
    plan = _plan(
        runs, [EvaluationJob(run, "nll", None, {"likelihood": {"samples": 5}}) for run in runs]
    )
    failed, calls = called(plan, tmp_path, jobs)
    assert not failed and sorted(calls) == [
        ("evaluate", "a"),
        ("evaluate", "b"),
        ("train", "a"),
        ("train", "b"),
    ]
    assert calls.index(("train", "a")) < calls.index(("train", "b"))
    assert called(plan, tmp_path, jobs) == ([], [])


@pytest.mark.parametrize("end", ["{}", "[]", "{", '{"seconds": null}'])
def test_a_run_whose_end_is_damaged_is_not_done(tmp_path, called, end):
    run = _run(tmp_path, "a")
    called(_plan([run]), tmp_path)
    assert execute.is_trained(run)
    (run.folder / "finished.json").write_text(end)
    assert not execute.is_trained(run)


def test_a_run_that_fails_keeps_those_from_it_alone(tmp_path, called):
    runs = [_run(tmp_path, "bad"), _run(tmp_path, "other")]
    runs.insert(1, _run(tmp_path, "child", after=runs[0]))
    failed, calls = called(_plan(runs), tmp_path)
    assert failed == ["bad: train is bad", "child was not run, because bad failed."]
    assert calls == [("train", "bad"), ("train", "other")]


def test_a_recipe_that_has_changed_is_noticed(tmp_path, called):
    run = _run(tmp_path, "a")
    called(_plan([run]), tmp_path)
    changed = _run(tmp_path, "a", epochs=7)
    with pytest.raises(UserError, match="--epochs.*None.*7.*--runs"):
        called(_plan([changed]), tmp_path)
    moved = _run(tmp_path, "a", data_dir="/elsewhere")
    assert called(_plan([moved]), tmp_path) == ([], [])  # other places are no other run


def test_an_evaluation_that_asks_for_more_is_made(tmp_path, called):
    run = _run(tmp_path, "a")
    called(
        _plan([run], [EvaluationJob(run, "nll", None, {"jacobian": {"jacobian_draws": 2}})]),
        tmp_path,
    )
    _, calls = called(
        _plan([run], [EvaluationJob(run, "nll", None, {"jacobian": {"jacobian_draws": 9}})]),
        tmp_path,
    )
    assert calls == [("evaluate", "a")]


def test_results_are_found_by_what_they_are(tmp_path):
    run = _run(tmp_path, "a")
    _finish(run)
    _evaluate(run, value="selected")
    _evaluate(run, select="score", file="likelihood-score", value="score")
    _evaluate(run, dtype="float64", file="likelihood-float64", value="float64")
    _evaluate(run, "learning_signal", select="all", value="all")
    found = FinishedRun("a", run.folder)
    assert (
        found.result("likelihood")["value"]
        == "selected"
        == found.result("likelihood", "nll")["value"]
    )
    assert found.result("likelihood", "score")["value"] == "score"
    assert found.result("likelihood", dtype="float64")["value"] == "float64"
    assert found.result("learning_signal")["value"] == "all"
    with pytest.raises(FileNotFoundError):
        found.result("likelihood", "last")


def test_an_evaluation_that_fails_costs_no_other(tmp_path, called):
    parent = _run(tmp_path, "a")
    runs = [parent, _run(tmp_path, "b", after=parent)]
    job = EvaluationJob(parent, "nll", None, {"likelihood": {}, "mixture": {}, "jacobian": {}})
    failed, calls = called(_plan(runs, [job]), tmp_path)
    assert failed == ["a: evaluate is bad"] and ("train", "b") in calls
    assert not execute.is_evaluated(job)
    assert all(execute.is_evaluated(job.only(name)) for name in ("likelihood", "jacobian"))


def test_results_of_other_weights_and_of_fewer_images_are_not_taken(tmp_path):
    run = _run(tmp_path, "a")
    _finish(run)
    _evaluate(run, date="2025", value="whole")
    _evaluate(run, date="2026", value="limited", file="likelihood-first-5", limit=5)
    assert find(run.folder, "likelihood", None, None, {})["value"] == "whole"
    assert find(run.folder, "likelihood", None, None, {"limit": 5})["value"] == "limited"
    (run.folder / "checkpoints" / "best.index").write_text("others")
    assert find(run.folder, "likelihood", None, None, {}) is None


def test_an_interruption_starts_nothing_more(tmp_path, monkeypatch):
    calls = []

    def call(command, arguments, name, runs, say, slot):
        calls.append(name)
        raise KeyboardInterrupt

    monkeypatch.setattr(execute, "_call", call)
    with pytest.raises(KeyboardInterrupt):
        execute.execute(
            _plan([_run(tmp_path, name) for name in "abc"]), tmp_path, 1, say=lambda line: None
        )
    assert calls[:1] == ["a"] and len(calls) < 3


def test_files_that_are_no_results_are_passed_over(tmp_path):
    run = _run(tmp_path, "a")
    _finish(run)
    _evaluate(run, value="good")
    (run.folder / "results" / "likelihood-cut.json").write_text('{"evaluation": "like')
    (run.folder / "results" / "likelihood-list.json").write_text("[]")
    assert find(run.folder, "likelihood", None, None, {})["value"] == "good"
    assert find(tmp_path / "nowhere", "likelihood", None, None, {}) is None


@pytest.mark.slow
def test_a_failing_command_is_told_by_its_last_words(tmp_path):
    (tmp_path / "logs").mkdir()
    with pytest.raises(
        execute._Failed, match="bin/sample ended with code 1: bin/sample: --model=nowhere"
    ):
        execute._call(
            "sample", ["--model=nowhere"], "a", tmp_path, lambda line: None, slots.make_slot(0, 1)
        )


@pytest.fixture
def no_answers_of_before():
    slots._gpus.cache_clear()
    yield
    slots._gpus.cache_clear()


def _machine(monkeypatch, cards, found, visible=None):
    """A machine with cards, of which TensorFlow finds some."""
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(slots.graphics_cards, "count", lambda root=None: cards)
    monkeypatch.setattr(slots, "run_module", lambda module, arguments: f"{found}\n")


@pytest.mark.parametrize(
    ("cards", "found", "visible", "gpus"),
    [
        (4, 4, None, "0123"),
        (4, 2, "3,1", "31"),
        (4, 1, "3,1", "3"),
        (1, 0, None, ""),  # a card without CUDA libraries
        (2, 2, "", ""),
        (2, 2, "-1", ""),
        (0, 0, "0", ""),
    ],
)
def test_jobs_have_gpus_of_their_own(
    monkeypatch, no_answers_of_before, cards, found, visible, gpus
):
    _machine(monkeypatch, cards, found, visible)
    jobs = len(gpus) or 1
    environments = [slots.make_slot(i, jobs).environment for i in range(jobs)]
    assert environments == ([{"CUDA_VISIBLE_DEVICES": gpu} for gpu in gpus] or [{}])


def test_there_is_at_most_one_job_per_gpu(monkeypatch, no_answers_of_before):
    _machine(monkeypatch, 2, 2)
    slots.check(1)
    slots.check(2)
    with pytest.raises(UserError, match="--jobs=3 .* 2 GPUs, one for each job; CUDA_VISIBLE"):
        slots.check(3)


def test_a_machine_without_cards_asks_nobody(monkeypatch, no_answers_of_before):
    _machine(monkeypatch, 0, "not a number")
    monkeypatch.setattr(slots.os, "sched_getaffinity", lambda _: {3, 5, 8}, raising=False)
    slots.check(3)
    with pytest.raises(UserError, match="--jobs=4 .* 3 cores"):
        slots.check(4)
    with pytest.raises(UserError, match="--jobs=0"):
        slots.check(0)


def test_jobs_have_cores_of_their_own(monkeypatch):
    monkeypatch.setattr(slots.os, "sched_getaffinity", lambda _: {3, 5, 8}, raising=False)
    assert [slots.make_slot(i, 2).cores for i in range(2)] == [[3, 8], [5]]
    assert slots.make_slot(0, 1).cores is None and slots.make_slot(3, 4).cores is None


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system pins no processes")
def test_a_command_runs_on_the_cores_of_its_slot_alone(monkeypatch, tmp_path):
    before = os.sched_getaffinity(0)
    program = tmp_path / "cores.py"
    program.write_text("import os, sys\nprint(sorted(os.sched_getaffinity(0)), sys.argv[1:])\n")
    monkeypatch.setattr(
        execute, "bin_command", lambda name, words: [sys.executable, str(program), name, *words]
    )
    (tmp_path / "logs").mkdir()
    core = max(before)
    slot = slots.Slot({}, [core])
    call = [execute._call, "train", ["--width=4"], "a", tmp_path, lambda line: None, slot]
    thread = threading.Thread(target=call[0], args=call[1:])
    thread.start()
    thread.join()
    said = (tmp_path / "logs" / "a.log").read_text().splitlines()
    assert said == ["$ bin/train --width=4", f"[{core}] ['train', '--width=4']"]
    assert os.sched_getaffinity(0) == before  # of this thread


def test_a_run_that_waits_for_another_keeps_no_slot(tmp_path, called, monkeypatch):
    """With two jobs, c is trained while b waits for a."""
    runs = [_run(tmp_path, "a")]
    runs += [_run(tmp_path, "b", after=runs[0]), _run(tmp_path, "c")]
    begun, both = set(), threading.Event()
    call = execute._call

    def together(command, arguments, name, *rest):
        begun.add(name)
        if begun >= {"a", "c"}:
            both.set()
        if name == "a":
            assert both.wait(10)
        call(command, arguments, name, *rest)

    monkeypatch.setattr(execute, "_call", together)
    assert called(_plan(runs), tmp_path, 2)[0] == []

"""Estimates: what is timed is a run's own steps; what fails says so and is tried again."""

import json
import pathlib
import types

import pytest

from papers import estimate, plan

TRIAL = {"settings": {"flow": "nvp"}, "steps": 9, "evaluations": 3, "bytes": 2_000_000}
TRIAL["seconds"] = {"start": 30.0, "step": 1.0, "evaluation": 1.0, "total": 120.0}


@pytest.fixture
def dry_runs(monkeypatch):
    """`bin/train --dry_run` takes 2 min; name -> what failed, and the flags of all calls."""
    fails, calls = {}, {}

    def run(process, **_):
        flags = dict(word[2:].split("=", 1) for word in process if "=" in word)
        name = flags["output"].split("/")[-2]
        calls[name] = flags | {"words": process}
        source = flags.get("init_from")
        calls[name]["source"] = source and json.loads(
            pathlib.Path(source, "config.json").read_text()
        )
        if name in fails:
            return types.SimpleNamespace(
                returncode=1, stderr=f"a warning\nbin/train: {fails[name]}\n\n"
            )
        pathlib.Path(flags["dry_run_output"]).write_text(json.dumps(TRIAL))
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(estimate.subprocess, "run", run)
    return fails, calls


def _plan(folder):
    return plan.make_plan(["danihelka/figure16"], "laptop", folder, None)


def test_a_trial_is_kept_and_a_failed_one_is_not(tmp_path, dry_runs):
    fails, calls = dry_runs
    made = _plan(tmp_path)
    fails["faces_nvp1_wgan"] = "no memory."
    text = "\n".join(estimate.summarize(made, tmp_path, trials=True))
    known = len(made.runs) - 1  # of 2 min each
    assert f"about {2 * known} min of training" in text and "unknown for faces_nvp1_wgan" in text
    assert "the trial failed: bin/train: no memory." in text
    assert len(json.loads((tmp_path / "trials.json").read_text())) == known
    calls.clear()
    estimate.summarize(made, tmp_path, trials=True)
    assert list(calls) == ["faces_nvp1_wgan"]


def test_a_run_is_timed_from_the_settings_of_one_that_is_not_trained_yet(tmp_path, dry_runs):
    fails, calls = dry_runs
    made = _plan(tmp_path)
    estimate.summarize(made, tmp_path, trials=True)
    child = calls["faces_nvp1_wgan"]
    assert child["source"] == TRIAL["settings"] and "--dry_run" in child["words"]
    assert not child["run"].startswith(str(tmp_path))
    (tmp_path / "trials.json").unlink()
    fails["faces_nvp1_mle"] = "no memory."
    calls.clear()
    text = "\n".join(estimate.summarize(made, tmp_path, trials=True))
    assert "not timed, because faces_nvp1_mle was not" in text and "faces_nvp1_wgan" not in calls


def test_a_trained_source_is_used_where_it_is(tmp_path, dry_runs):
    _, calls = dry_runs
    made = _plan(tmp_path)
    source = next(run for run in made.runs if run.name == "faces_nvp1_mle")
    source.folder.mkdir()
    (source.folder / "config.json").write_text('{"width": 7}')
    estimate.summarize(made, tmp_path, trials=True)
    assert calls["faces_nvp1_wgan"]["init_from"] == str(source.folder)


def test_without_trials_only_what_is_known_is_said(tmp_path, dry_runs):
    text = "\n".join(estimate.summarize(_plan(tmp_path), tmp_path, trials=False))
    assert "not timed" in text and not dry_runs[1] and not (tmp_path / "trials.json").exists()


@pytest.mark.parametrize(
    "damage", ["[]", "{", '{"KEY": {}}', '{"KEY": {"seconds": 120.0, "bytes": 2}}']
)
def test_trials_that_cannot_be_read_are_made_again(tmp_path, dry_runs, damage):
    made = _plan(tmp_path)
    key = estimate._key(made.runs[0])
    (tmp_path / "trials.json").write_text(damage.replace("KEY", key))
    estimate.summarize(made, tmp_path, trials=True)
    assert made.runs[0].name in dry_runs[1]
    assert json.loads((tmp_path / "trials.json").read_text())[key] == TRIAL


def test_what_is_done_is_said_with_its_time(tmp_path, dry_runs):
    made = _plan(tmp_path)
    for run in made.runs:
        run.folder.mkdir(parents=True)
        (run.folder / "typed.json").write_text(json.dumps([run.command, run.flags]))
        (run.folder / "finished.json").write_text(json.dumps({"seconds": 600.0}))
    text = "\n".join(estimate.summarize(made, tmp_path, trials=True))
    assert "done, in 10 min" in text and "about 0 s of training" in text and not dry_runs[1]


def test_auto_encoders_are_not_timed(tmp_path, dry_runs):
    made = plan.make_plan(["danihelka/figure18"], "smoke", tmp_path, None)
    assert "bin/train_avb has no --dry_run" in "\n".join(estimate.summarize(made, tmp_path, True))
    assert not dry_runs[1]

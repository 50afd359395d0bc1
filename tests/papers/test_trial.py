"""Trials: what they time is a run's own steps, and what fails says so and is tried again."""

import json

import pytest

from papers import plan, trial


@pytest.fixture
def tried(monkeypatch):
    answers = {}

    def one(training):
        return answers.setdefault(training.name, {"seconds": 120.0, "bytes": 2_000_000, "how": "as said"})

    monkeypatch.setattr(trial, "_tried", one)
    return answers


def test_a_trial_is_kept_and_a_failed_one_is_not(tmp_path, tried):
    made = plan.make(["danihelka/figure16"], "laptop", tmp_path, None)
    tried["faces_nvp1_wgan"] = {"problem": "the trial failed: no memory"}
    text = "\n".join(trial.describe(made, tmp_path, trials=True))
    known = len(made.runs) - 1  # of 2 min each
    assert f"about {2 * known} min of training" in text and "for faces_nvp1_wgan it is not known" in text and "no memory" in text
    assert len(json.loads((tmp_path / "trials.json").read_text())) == known
    tried.clear()
    trial.describe(made, tmp_path, trials=True)
    assert list(tried) == ["faces_nvp1_wgan"]


def test_without_trials_only_what_is_known_is_said(tmp_path, tried):
    made = plan.make(["danihelka/figure16"], "laptop", tmp_path, None)
    assert "not tried" in "\n".join(trial.describe(made, tmp_path, trials=False)) and not tried


def test_what_is_done_is_said_with_its_time(tmp_path, tried):
    made = plan.make(["danihelka/figure16"], "laptop", tmp_path, None)
    for run in made.runs:
        run.folder.mkdir(parents=True)
        (run.folder / "typed.json").write_text(json.dumps([run.command, run.flags]))
        (run.folder / "finished.json").write_text(json.dumps({"seconds": 600.0}))
    text = "\n".join(trial.describe(made, tmp_path, trials=True))
    assert "done, in 10 min" in text and "about 0 s of training" in text and not tried


@pytest.mark.slow
def test_a_run_is_timed_by_its_own_first_steps():
    flags = {"dataset": "mnist", "data_source": "embedded", "limit": 60, "batch_size": 20, "flow": "nice", "width": 4}
    flags |= {"layers": 1, "epochs": 3, "monitor_steps": 3}
    adversary = flags | {"objective": "wgan_gp", "critic": "flowgan_mnist", "critic_width": 4, "init_from": "somewhere"}
    found = trial.trial([flags | {"objective": "mle"}, adversary])
    assert found["how"].startswith("9 steps of ") and "3 evaluations" in found["how"]
    assert found["seconds"] > 30.0 and found["bytes"] > 10_000

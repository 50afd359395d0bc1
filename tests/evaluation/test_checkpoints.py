"""A run's course, on checkpoints whose weights are known."""

import json
import re

import numpy as np
import pytest

from tests.helpers import perturb, synthetic_splits
from tfflowgan import critics, flows, objectives
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _independent_critic as independent
from tfflowgan.evaluation import checkpoints
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.load import build_generator, load_generator, read_weights
from tfflowgan.runs.run import Run
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.optimizer import RMSprop
from tfflowgan.training.resolve import resolve

SHAPE = (4, 4, 1)
NICE = {"flow": "nice", "width": 6, "layers": 1}
ROWS = [
    {"step": step, "train_nll": -1.0, "validation_nll": nll, "distance": 0.1}
    for step, nll in ((5, -3.0), (10, -9.0), (15, None))
]
FEW = {"critic_updates": 4, "critic_readings": 2, "critic_batch": 8}


@pytest.fixture
def narrow(monkeypatch):
    def build(generator):
        critic = critics.build("dcgan", generator.image_shape, width=4, dtype=generator.dtype)
        return CriticTrainer(
            critic, objectives.build("wgan").adversary, RMSprop(5e-4, rho=0.99, epsilon=1e-8)
        )

    monkeypatch.setattr(independent, "build_independent_critic", build)


def make_run(path, weights, rows=ROWS, **model):
    """A run whose checkpoints, by name, hold what functions make of a new generator's weights."""
    run, config = Run.create(path), resolve(Config(**(model or NICE)))
    run.write("config.json", config.to_json())
    run.write("data.json", json.dumps({"image_shape": SHAPE}))
    for name, change in weights.items():
        generator = build_generator(config, SHAPE)
        change(generator)
        Checkpoints(run.checkpoints, generator=generator).write(run.checkpoints / name)
    for row in rows:
        run.append_metrics(row)
    return run


def _noise(seed):
    return lambda generator: perturb(generator, seed=seed)


def _log_scale(value):
    def change(generator):
        perturb(generator)
        (scale,) = [v for v in generator.trainable_variables if "scal" in v.path]
        scale.assign(np.full(scale.shape, value))

    return change


@pytest.mark.slow
def test_every_checkpoint_of_weights_is_scored_in_the_order_of_steps(tmp_path):
    weights = {
        "best": _noise(1),
        "snapshot-000000012": _noise(2),
        "last": _noise(3),
        "snapshot-000000000": _noise(4),
    }
    run, splits = make_run(tmp_path, weights | {"step-000000015": _noise(5)}), synthetic_splits(30)
    result = checkpoints.evaluate(run, splits, limit=20, seed=3)
    assert [(entry["name"], entry["step"]) for entry in result["checkpoints"]] == [
        ("snapshot-0", 0), ("best", 10), ("snapshot-12", 12), ("last", 15)
    ]  # fmt: skip
    assert result["snapshots"] == 2
    flow = load_generator(run, "last")
    for entry, select in zip(
        result["checkpoints"], ("snapshot-0", "nll", "snapshot-12", "last"), strict=True
    ):
        read_weights(flow, run.weights(select), "config")
        assert entry["distances"] is None and not entry["problems"]
        for part in ("train", "validation", "test"):
            values = -log_probs(flow, getattr(splits, part).first(20), 1, 3)[0]
            assert entry[part]["count"] == 20 and entry[part]["nll"]["value"] == pytest.approx(
                values.mean(), rel=1e-5
            )
            assert entry[part]["nll"]["standard_error"] == pytest.approx(
                values.std(ddof=1) / np.sqrt(20), rel=1e-4
            )
    assert result["history"]["validation_nll"] == [-3.0, -9.0, None] and result["history"][
        "step"
    ] == [5, 10, 15]
    assert "mode_score" not in result["history"]
    json.dumps(result, allow_nan=False)


@pytest.mark.slow
def test_a_dtype_can_be_asked_for(tmp_path):
    run, splits = make_run(tmp_path, {"best": _noise(1), "last": _noise(2)}), synthetic_splits(20)
    result = checkpoints.evaluate(run, splits, dtype="float64", seed=3)
    for entry, select in zip(result["checkpoints"], ("nll", "last"), strict=True):
        values = log_probs(load_generator(run, select).astype("float64"), splits.test, seed=3)
        assert entry["test"]["dtype"] == "float64"
        np.testing.assert_allclose(entry["test"]["nll"]["value"], -values.mean(), rtol=1e-12)


@pytest.mark.slow
def test_what_float32_cannot_hold_is_computed_in_float64_or_is_none(tmp_path):
    def broken(generator):
        generator.trainable_variables[0].assign(
            np.full(generator.trainable_variables[0].shape, np.nan)
        )

    weights = {"best": _log_scale(100.0), "snapshot-000000001": broken, "last": _noise(1)}
    entries = checkpoints.evaluate(make_run(tmp_path, weights), synthetic_splits(20))["checkpoints"]
    bad, best, last = entries
    assert bad["test"]["nll"] == {"value": None, "standard_error": None, "count": 20}
    assert any(
        re.search("snapshot-1_test: 20 of 20 .*float64", problem) for problem in bad["problems"]
    )
    assert best["test"]["nll"]["value"] > 1e30 and best["test"]["dtype"] == "float64"
    assert any(
        re.search("best_test: 20 of 20 .*float32.*float64", problem) for problem in best["problems"]
    )
    assert last["test"]["dtype"] == "float32" and not last["problems"]


@pytest.mark.slow
def test_distances_are_read_at_every_checkpoint_and_continue_after_an_interruption(
    tmp_path, narrow, monkeypatch
):
    weights = {"best": _noise(1), "snapshot-000000012": _noise(2), "last": _log_scale(-200.0)}
    run, splits = make_run(tmp_path / "run", weights), synthetic_splits(24)
    whole = checkpoints.evaluate(run, splits, checkpoint_distances=True, **FEW)
    best, snapshot, last = whole["checkpoints"]
    assert best["distances"] != snapshot["distances"]
    for entry in (best, snapshot):
        gap = entry["distances"]["test"]["value"] - entry["distances"]["train"]["value"]
        assert (
            entry["overfitting_gap"]["value"] == pytest.approx(gap)
            and entry["critic"]["updates"] == 4
        )
    assert last["distances"] is None and last["problems"][-1].startswith("last: ")
    trained, train = [], independent.train

    def failing(*arguments):
        trained.append(arguments[-1])
        if len(trained) == 2:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(independent, "train", failing)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.evaluate(
            run, splits, ResumableLoop(tmp_path / "parts"), checkpoint_distances=True, **FEW
        )
    scored, log_prob = [], flows.Flow.log_prob
    monkeypatch.setattr(
        flows.Flow, "log_prob", lambda *a, **named: scored.append(1) or log_prob(*a, **named)
    )
    assert (
        checkpoints.evaluate(
            run, splits, ResumableLoop(tmp_path / "parts"), checkpoint_distances=True, **FEW
        )
        == whole
    )
    assert (
        len(scored) == 3 + 3 * 2
    )  # the last checkpoint's splits, those of the others are kept; and each one's check in float64


@pytest.mark.slow
def test_a_generator_without_a_density_has_distances_alone(tmp_path, narrow):
    run = make_run(
        tmp_path,
        {"last": _noise(1)},
        rows=[{"step": 3, "distance": 0.1}],
        generator="dcgan",
        objective="wgan",
        select="last",
    )
    with pytest.raises(UserError, match="--generator=dcgan.*--checkpoint_distances"):
        checkpoints.evaluate(run, synthetic_splits(24))
    (entry,) = checkpoints.evaluate(run, synthetic_splits(24), checkpoint_distances=True, **FEW)[
        "checkpoints"
    ]
    assert "test" not in entry and entry["distances"]["test"]["images"] == 24 and entry["step"] == 3


def test_bad_input_is_refused(tmp_path):
    with pytest.raises(UserError, match=f"{tmp_path}/a.*checkpoint"):
        checkpoints.evaluate(make_run(tmp_path / "a", {}), synthetic_splits(20))
    run = make_run(tmp_path / "b", {"best": _noise(1)})
    with pytest.raises(UserError, match=r"synthetic.*\(6, 6, 1\).*\(4, 4, 1\)"):
        checkpoints.evaluate(run, synthetic_splits(20, (6, 6, 1)))


def test_a_long_history_is_thinned():
    history = checkpoints._history([{"step": i, "distance": 1.0} for i in range(2500)])
    assert len(history["step"]) == len(history["distance"]) == 834 and set(history) == {
        "step",
        "distance",
    }

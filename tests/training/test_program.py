"""Many steps as one XLA program: a run by it equals the run by single steps, and ends as it does.

In float64, where both orders of summation agree to many digits.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import synthetic_splits
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.objectives import Objective
from tfflowgan.runs.run import Run
from tfflowgan.training import jit, nonfinite, program
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.fit import fit, time_steps
from tfflowgan.training.given import Given
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.program import StepsProgram
from tfflowgan.training.resolve import resolve

NICE = {
    "flow": "nice",
    "couplings": 2,
    "layers": 1,
    "width": 4,
    "dtype": "float64",
    "batch_size": 8,
    "steps": 11,
    "monitor_steps": 6,
    "warmup_steps": 2,
}
CRITIC = {
    "critic_width": 4,
    "critic_steps": 2,
    "burst_steps": 4,
    "burst_first": 2,
    "burst_every": 5,
}
CASES = {
    "mle": NICE | {"flips": True, "snapshots": "0,4"},
    "bursts": NICE
    | CRITIC
    | {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 0.5, "batch_norm": True}
    | {"independent_critic": True, "steps": 6},
    "conditional": NICE
    | {"objective": "wgan", "critic": "fast_learning", "critic_width": 4, "critic_steps": 2}
    | {"reuse_batch": True, "optimizer": "rmsprop", "steps": 6},
    "real_nvp": {k: v for k, v in NICE.items() if k not in ("couplings", "layers")}
    | {"flow": "real_nvp", "blocks": 1, "levels": 1, "steps": 6},
    "dcgan": {"generator": "dcgan", "objective": "wgan_gp", "critic_width": 4, "critic_steps": 1}
    | {"batch_size": 8, "steps": 6, "monitor_steps": 3, "dtype": "float64", "width": 4},
}


SPLITS = synthetic_splits(40)
HERE = tf.distribute.get_strategy()
STEP = 5  # has a burst, in the middle of a call


def _fit(folder, settings, **changes):
    keras.utils.set_random_seed(0)
    run = Run.create(folder)
    config = resolve(Config(**settings | changes))
    splits = synthetic_splits(40, (8, 8, 1)) if settings.get("generator") else SPLITS
    end = fit(run, config, splits, HERE)
    return run, end


def _rows(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()]


def _assert_alike(one, other, names=None):
    rtol = 1e-7
    rows = [_rows(run)[-1 if names else 0 :] for run in (one, other)]
    for row, same in zip(*rows, strict=True):
        assert row.keys() == same.keys()
        for name in row.keys() - {"data"}:
            np.testing.assert_allclose(row[name], same[name], rtol, 1e-8, err_msg=name)
    for name in names or sorted(p.stem for p in one.checkpoints.glob("*.index")):
        paths = [str(run.checkpoints / name) for run in (one, other)]
        for key, _ in tf.train.list_variables(paths[0]):
            if key.endswith("VARIABLE_VALUE") and not key.startswith("progress/4/"):
                a, b = (tf.train.load_variable(path, key) for path in paths)
                np.testing.assert_allclose(a, b, rtol, 1e-8, err_msg=f"{name}: {key}")


@pytest.fixture
def calls(monkeypatch):
    """The numbers of steps of the calls of programs, that of the compilation first."""
    found, call = [], StepsProgram.__call__

    def record(program, first, count):
        found.append(count)
        return call(program, first, count)

    monkeypatch.setattr(StepsProgram, "__call__", record)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_run_by_the_program_equals_one_by_steps(tmp_path, calls, name):
    single, end = _fit(tmp_path / "single", CASES[name], jit="off")
    assert not calls
    run, same = _fit(tmp_path / "program", CASES[name], jit="on")
    assert sum(calls) == CASES[name]["steps"] and calls[0] == 0
    _assert_alike(single, run)
    ends = [{k: v for k, v in each.items() if k != "seconds"} for each in (same, end)]
    assert ends[0] == pytest.approx(ends[1])


@pytest.mark.slow
def test_a_run_goes_on_either_way_and_calls_end_where_they_must(tmp_path, calls):
    settings = CASES["mle"] | {"steps": 16, "decay": "constant"}
    single, _ = _fit(tmp_path / "single", settings, jit="off")
    for steps, value in ((5, "on"), (9, "off"), (16, "on")):
        run, end = _fit(tmp_path / "parts", settings, jit=value, steps=steps, steps_per_call=5)
        assert end["step"] == steps
    # ends at snapshot 4, at step 5; from step 9 at the end of the period, at most 5 per call
    assert calls == [0, 4, 1, 0, 3, 4]
    _assert_alike(single, run, ["snapshot-000000004", "last"])


@pytest.mark.slow
def test_the_rest_of_training_takes_calls_of_many_steps(tmp_path, calls):
    """Timing, minutes, callbacks of the user's own."""
    settings = CASES["mle"] | {"jit": "on", "steps_per_call": 40}
    config = resolve(Config(**settings))
    times = time_steps(Run.create(tmp_path / "timed"), config, SPLITS, HERE)
    assert times["step"] > 0 and calls == [0, 4, 4]
    calls.clear()
    more = {"minutes": 0.01, "steps": 10**6, "snapshots": None, "monitor_steps": 10**6}
    _, end = _fit(tmp_path / "minutes", settings, **more)
    assert end["reason"] == "0.01 minutes" and max(calls[:4]) <= 25
    seen = []

    class Seen(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((self.params["epochs"], self.params["steps"], self.model.step))

    run = Run.create(tmp_path / "own")
    fit(run, config, SPLITS, HERE, Given(callbacks=(Seen(),), verbose=0))
    assert seen == [(2, 6, 4), (2, 6, 6), (2, 6, 11)]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["loss", "burst"])
def test_a_value_that_is_not_finite_stops_the_run_at_its_step(tmp_path, monkeypatch, where):
    """In the middle of a call, with an error that names step and layer, as by single steps."""
    settings = NICE | CRITIC | {"objective": "wgan", "steps_per_call": 6, "burst_first": 0}
    update = CriticTrainer.update

    def broken(trainer, generator, batch):
        found = update(trainer, generator, batch)
        burst = batch["mix"].shape[1] == 1  # others take two updates at once
        if burst == (where == "burst"):
            bad = tf.equal(generator.broken_at, STEP)
            nan = tf.constant(np.nan, found["critic_loss"].dtype)
            found["critic_loss"] = tf.where(bad, nan, found["critic_loss"])
        return found

    monkeypatch.setattr(CriticTrainer, "update", broken)
    monkeypatch.setattr(
        nonfinite,
        "first_non_finite",
        lambda *parts: f"the layer, {parts[-1]['critic']['mix'].shape}",
    )
    model = FlowGAN.build_optimizer

    def built(self):
        model(self)
        self.generator.__dict__["broken_at"] = self.optimizer.iterations

    monkeypatch.setattr(FlowGAN, "build_optimizer", built)
    shape = r"\(8, 1\)" if where == "burst" else r"\(8, 2\)"
    named = rf"at step {STEP}: the critic's loss is nan.*{shape}"
    for value in ("off", "on"):
        with pytest.raises(UserError, match=named):
            _fit(tmp_path / value, settings, jit=value)


@pytest.mark.slow
def test_what_xla_cannot_compile_is_taken_step_by_step(tmp_path, monkeypatch, caplog):
    def uncompilable(self, *arguments):
        raise tf.errors.InvalidArgumentError(None, None, "no kernel for this\nat all")

    monkeypatch.setattr(StepsProgram, "__call__", uncompilable)
    with pytest.raises(UserError, match=r"--jit=on: .*no kernel for this\).*--jit=off"):
        _fit(tmp_path / "on", CASES["mle"], jit="on")
    monkeypatch.setattr(jit, "wants_program", lambda *arguments: True)
    _, end = _fit(tmp_path / "auto", CASES["mle"], jit="auto", steps_per_call=3)
    assert end["step"] == CASES["mle"]["steps"]
    assert "no kernel for this" in caplog.text and "--steps_per_call=3 does nothing" in caplog.text


@pytest.mark.slow
def test_a_program_that_does_not_fit_onto_the_device_is_left_out_or_said(
    tmp_path, monkeypatch, caplog
):
    def full(self, *arguments):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

    monkeypatch.setattr(StepsProgram, "__call__", full)
    with pytest.raises(tf.errors.ResourceExhaustedError):
        _fit(tmp_path / "on", CASES["mle"], jit="on")
    monkeypatch.setattr(jit, "wants_program", lambda *arguments: True)
    _, end = _fit(tmp_path / "auto", CASES["mle"], jit="auto")
    assert end["step"] == CASES["mle"]["steps"]
    assert "memory is too small" in caplog.text and "OOM when allocating" in caplog.text


@pytest.mark.slow
def test_a_call_of_too_many_steps_is_refused_and_none_by_default(tmp_path, calls, monkeypatch):
    monkeypatch.setattr(program, "_MOST_IMAGES", 3 * NICE["batch_size"])
    _fit(tmp_path / "default", CASES["mle"], jit="on")
    assert max(calls) <= 3 and sum(calls) == NICE["steps"]
    with pytest.raises(UserError, match=r"--steps_per_call=4 .*at most 3\.$"):
        _fit(tmp_path / "asked", CASES["mle"], jit="on", steps_per_call=4)


@pytest.mark.slow
def test_gradients_that_xla_cannot_compile_are_one_sentence(tmp_path, monkeypatch):
    loss = Objective.generator_loss

    def uncompilable(self, generator, critic, batch):
        found, parts = loss(self, generator, critic, batch)
        same = tf.numpy_function(lambda x: x, [found], found.dtype)
        return found + 0.0 * tf.stop_gradient(tf.reshape(same, [])), parts

    monkeypatch.setattr(Objective, "generator_loss", uncompilable)
    strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
    config = resolve(Config(**CASES["mle"] | {"jit": "on"}))
    with pytest.raises(
        UserError, match=r"--jit=on: XLA cannot compile .*PyFunc.*--jit=off"
    ) as refused:
        fit(Run.create(tmp_path / "run"), config, SPLITS, strategy, Given(verbose=0))
    assert "\n" not in str(refused.value)


def test_errors_that_are_not_of_xla_stay_what_they_are():
    config = Config(jit="on")
    for error in (
        tf.errors.InvalidArgumentError(None, None, "Incompatible shapes: [2] vs. [3]"),
        tf.errors.NotFoundError(None, None, "XLA"),
    ):
        with pytest.raises(type(error)), jit.gradients_compile(config):
            raise error

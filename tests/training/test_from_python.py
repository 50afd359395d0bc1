"""`tfflowgan.fit`: the numbers of `bin/train`, in Python's words."""

import json
import math
import random
import tempfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import command_here, small_flow, synthetic_split, synthetic_splits
from tests.training.test_train import TINY
from tfflowgan import generators, objectives
from tfflowgan.config import Config
from tfflowgan.datasets import arrays
from tfflowgan.errors import UserError
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.runs.load import load_generator, load_splits
from tfflowgan.runs.run import Run
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

pytestmark = pytest.mark.slow

IMAGES = synthetic_split(48, (4, 4, 1)).images
QUICK = {"batch_size": 8, "epochs": 2, "warmup_steps": 0, "learning_rate": 1e-3, "verbose": 0}
CRITIC = {"critic_width": 4, "critic_steps": 1}
HYBRID = {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 0.1}
HYBRID |= {"critic_width": 4, "critic_steps": 2}
HYBRID |= {"independent_critic": True, "burst_steps": 3, "burst_first": 1, "monitor_steps": 3}
HYBRID |= {"epochs": 1}


def _rows(run):
    return [
        {name: value for name, value in row.items() if name not in ("seconds", "data")}
        for row in Run.open(run).metrics()
    ]


def _columns(history):
    return {name: column for name, column in history.history.items() if name != "seconds"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{}, HYBRID | {"limit": 40, "batch_size": 8}], ids=["mle", "hybrid"]
)
def test_the_numbers_are_those_of_the_command(more, tmp_path):
    config = resolve(Config(**TINY | more))
    train(config, tmp_path / "run", None)
    before = _rows(tmp_path / "run")
    splits = load_splits(config)
    keras.utils.set_random_seed(config.seed)
    flow = tfflowgan.build("nice", (28, 28, 1), width=16, layers=1, couplings=2)
    random.random()  # what a program draws in between changes no critic
    settings = {n: v for n, v in (TINY | more).items() if n not in ("data_source", "flow")}
    state = random.getstate()
    history = tfflowgan.fit(
        flow,
        tf.data.Dataset.from_tensor_slices(splits.train.images),
        validation_data=(splits.validation.images, splits.validation.labels),
        test_data=splits.test.images,
        verbose=0,
        **settings,
    )
    assert random.getstate() == state
    assert _columns(history) == {name: [row[name] for row in before] for name in before[0]}
    assert history.epoch == [row["epoch"] for row in before]
    trained = load_generator(Run(tmp_path / "run")).get_weights()
    for one, other in zip(flow.get_weights(), trained, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_run_is_left_as_by_the_command_and_continues(tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    weights = small_flow("nice").get_weights()

    def start(run, **more):
        flow = small_flow("nice")
        flow.set_weights(weights)
        return flow, tfflowgan.fit(flow, IMAGES, run=run, **QUICK, **CRITIC, **more)

    adversary = {"objective": "wgan_gp"}
    whole, expected = start(tmp_path / "whole", **adversary)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path / "run", callbacks=Interrupt(), **adversary)
    assert len(_rows(tmp_path / "run")) == 1
    flow, history = start(tmp_path / "run", **adversary)
    assert _columns(history) == _columns(expected) and len(history.epoch) == 2
    np.testing.assert_array_equal(flow.get_weights()[0], whole.get_weights()[0])
    for name in ("config.json", "data.json", "finished.json", "curves.png", "metrics.jsonl"):
        assert (tmp_path / "run" / name).exists(), name
    assert json.loads((tmp_path / "run" / "config.json").read_text())["dataset"] == "arrays"
    again, history = start(tmp_path / "run", **adversary)  # finished: nothing is left to do
    assert _columns(history) == _columns(expected)
    np.testing.assert_array_equal(again.get_weights()[0], whole.get_weights()[0])
    with pytest.raises(ValueError, match=r"run\b.*seed was 0, now 1") as refused:
        start(tmp_path / "run", seed=1, **adversary)
    assert "--" not in str(refused.value)
    with pytest.raises(ValueError, match="fingerprint"):
        tfflowgan.fit(flow, IMAGES[1:], run=tmp_path / "run", **QUICK, **CRITIC, **adversary)


@pytest.mark.slow
def test_a_run_is_evaluated_with_its_images_alone(tmp_path):
    splits = synthetic_splits(24)
    flow = small_flow("nice")
    images, others = splits.train.images, splits.validation.images
    tfflowgan.fit(flow, images, validation_data=others, run=tmp_path / "run", **QUICK)
    for arguments in (
        ["evaluate", f"--run={tmp_path / 'run'}"],
        ["train", f"--config={tmp_path / 'run' / 'config.json'}", f"--run={tmp_path / 'run'}"],
    ):
        done = command_here(*arguments, cwd=tmp_path)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "arrays" in done.stderr and "RunEvaluator" in done.stderr
    done = command_here("sample", f"--model={tmp_path / 'run'}", "--n=2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run, few = Run.open(tmp_path / "run"), {"samples": 4, "checked": 4}
    given = arrays.splits_of(images, others, splits.test.images)
    result, _ = RunEvaluator(run, given=given).evaluate("likelihood", few)
    assert result["validation"]["count"] == len(others) and result["test"]["count"] == 24
    with pytest.raises(UserError, match="fingerprint"):
        RunEvaluator(run, given=arrays.splits_of(others, images, images)).evaluate("likelihood", {})
    with pytest.raises(UserError, match="given.*test"):
        RunEvaluator(run, given=arrays.splits_of(images, others)).evaluate("likelihood", {})


@pytest.mark.slow
def test_without_a_run_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    history = tfflowgan.fit(small_flow("nice"), IMAGES, **QUICK)
    assert len(history.history["validation_nll"]) == 2
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_a_flow_is_trained_under_the_strategy_that_it_was_made_under():
    strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
    flow = small_flow("nice")
    with strategy.scope():
        mirrored = small_flow("nice")
    mirrored.set_weights(flow.get_weights())
    with pytest.raises(ValueError, match="strategy.*scope"):
        tfflowgan.fit(mirrored, IMAGES, **QUICK)
    one = tfflowgan.fit(flow, IMAGES, **QUICK)
    other = tfflowgan.fit(mirrored, IMAGES, strategy=strategy, **QUICK)
    assert _columns(one) == _columns(other)
    np.testing.assert_array_equal(flow.get_weights()[0], mirrored.get_weights()[0])


@pytest.mark.slow
def test_the_flow_ends_with_the_selected_weights():
    # at this rate the NLL soon rises again
    settings = QUICK | {"learning_rate": 0.3, "epochs": 6, "decay": "constant"}
    flow, last = small_flow("nice", couplings=4), small_flow("nice", couplings=4)
    last.set_weights_from(flow)
    history = tfflowgan.fit(flow, IMAGES, validation_data=IMAGES[:16], **settings)
    nlls = history.history["validation_nll"]
    assert min(nlls) < nlls[-1], nlls
    assert history.params["best_validation_nll"] == min(nlls)
    splits = arrays.splits_of(IMAGES, IMAGES[:16])
    assert -log_probs(flow, splits.validation).mean() == pytest.approx(min(nlls), rel=1e-5)
    tfflowgan.fit(last, IMAGES, validation_data=IMAGES[:16], select="last", **settings)
    assert -log_probs(last, splits.validation).mean() == pytest.approx(nlls[-1], rel=1e-4)


@pytest.mark.slow
def test_callbacks_see_the_measurements_and_stop_the_training():
    seen = []
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    stop = keras.callbacks.EarlyStopping("validation_nll", mode="min", min_delta=1e9)
    flow = small_flow("nice")
    history = tfflowgan.fit(flow, IMAGES, callbacks=[record, stop], **QUICK | {"epochs": 9})
    assert history.epoch == [1, 2] and history.params["reason"] == "a callback"
    assert [logs["validation_nll"] for logs in seen] == history.history["validation_nll"]


@pytest.mark.slow
def test_a_generator_without_a_density_and_a_flow_of_ones_own():
    dcgan = generators.build("dcgan", (4, 4, 1), width=4)
    before = dcgan.get_weights()
    history = tfflowgan.fit(dcgan, IMAGES, objective="wgan", **QUICK | CRITIC | {"epochs": 1})
    assert math.isfinite(history.history["distance"][0])
    assert "validation_nll" not in history.history
    assert any((a != b).any() for a, b in zip(before, dcgan.get_weights(), strict=True))
    with pytest.raises(ValueError, match="objective=mle.*density"):
        tfflowgan.fit(dcgan, IMAGES, **QUICK)
    own = small_flow("nice")
    own.spec = {"flow": {"python": "build"}, "image_shape": [4, 4, 1]}
    assert len(tfflowgan.fit(own, IMAGES, **QUICK | HYBRID, test_data=IMAGES[:8]).epoch) == 2
    with pytest.raises(ValueError, match=r"run\b.*Nice\b.*tfflowgan.build"):
        tfflowgan.fit(own, IMAGES, run="nowhere", **QUICK)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"learning_rat": 1e-3}, "learning_rat .*learning_rate"),
        ({"validation_dat": IMAGES}, "validation_dat .*validation_data"),
        ({"objective": "wgan_pg"}, "objective=wgan_pg .*wgan_gp"),
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": "2"}, "epochs='2'.*int"),
        ({"critic": "dcgan"}, "critic .*objective=mle"),
        ({"dataset": "mnist"}, "dataset='mnist'"),
        ({"init_from": "runs/x"}, "init_from='runs/x'.*tfflowgan.load"),
        ({"width": 7}, "width=7"),
        ({"snapshots": "0"}, "snapshots=0 .*run"),
        ({"independent_critic": True}, "independent_critic=True.*test_data"),
        ({"strategy": "auto"}, "strategy='auto'.*tf.distribute.Strategy"),
        ({"strategy": tf.distribute.OneDeviceStrategy("/cpu:0")}, "OneDeviceStrategy.*scope"),
        ({"callbacks": [print]}, "callbacks.*builtin_function_or_method"),
        ({"verbose": 3}, "verbose=3"),
        ({"images": IMAGES / 255.0}, r"images\b.*float64.*uint8"),
        ({"images": IMAGES[:, :3]}, r"images\b.*\(3, 4, 1\).*\(4, 4, 1\)"),
        ({"flow": "nice"}, "flow is a str"),
    ],
)
def test_a_refusal_is_one_sentence_without_flags(arguments, said):
    usual = {"flow": small_flow("nice"), "images": IMAGES}
    with pytest.raises(ValueError, match=said) as refused:
        tfflowgan.fit(**usual | arguments)
    assert isinstance(refused.value, UserError)
    assert "--" not in str(refused.value) and "\n" not in str(refused.value)


def _linear_critic(image_shape):
    images = keras.Input(image_shape)
    scores = keras.layers.Dense(1)(keras.layers.Flatten()(images))
    return keras.Model(images, keras.layers.Reshape(())(scores))


@pytest.mark.parametrize(
    "parts",
    [
        {"objective": "wgan", "critic": _linear_critic},
        {"objective": "wgan_gp", "critic": _linear_critic((4, 4, 1))},
        {"objective": objectives.build("wgan"), "critic": lambda shape: _linear_critic(shape)},
        {"objective": lambda: objectives.build("hybrid", adversary="kl")},
    ],
)
def test_critics_and_objectives_are_taken_as_objects(parts):
    flow = small_flow("nice")
    settings = QUICK | {"critic_steps": 1, "epochs": 1}
    history = tfflowgan.fit(flow, IMAGES, **settings, **parts)
    assert math.isfinite(history.history["distance"][0])
    with pytest.raises(ValueError, match="run .*(critic|objective)"):
        tfflowgan.fit(flow, IMAGES, run="nowhere", **settings, **parts | {"critic": lambda s: s})


def test_a_critic_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="critic is a int"):
        tfflowgan.fit(small_flow("nice"), IMAGES, objective="wgan", critic=3, **QUICK)


@pytest.mark.parametrize("critic", [_linear_critic((4, 4, 1)), _linear_critic])
def test_a_precision_that_a_critic_of_ones_own_does_not_take_is_refused(critic):
    own = {"objective": "wgan", "critic": critic, "critic_dtype": "mixed_bfloat16"}
    with pytest.raises(ValueError, match="critic_dtype='mixed_bfloat16' does not apply"):
        tfflowgan.fit(small_flow("nice"), IMAGES, **QUICK, **own)


def test_keras_callbacks_that_name_files_after_epochs_work(tmp_path):
    keep = keras.callbacks.ModelCheckpoint(
        tmp_path / "{epoch}.keras", monitor="validation_nll", mode="min"
    )
    table = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    tfflowgan.fit(small_flow("nice"), IMAGES, callbacks=[keep, table], **QUICK | {"epochs": 1})
    assert (tmp_path / "1.keras").exists() and "validation_nll" in (
        tmp_path / "log.csv"
    ).read_text()

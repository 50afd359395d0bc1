"""Training and exporting a classifier."""

import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import command_here
from tfflowgan import classifiers
from tfflowgan.cli import train_classifier
from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.metrics.classifier import open_saved_model
from tfflowgan.runs import resumable

SETTINGS = {"epochs": 4, "batch_size": 16, "learning_rate": 3e-3, "early_stopping": 4, "seed": 0}


def _stripes(count, seed):
    """Stripes across and stripes down: two classes."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, count)
    across = np.tile(np.array([0, 200], np.uint8).repeat(8).reshape(2, 8), (4, 1))
    images = np.where(labels[:, None, None] == 0, across, across.T) + generator.integers(
        0, 50, (count, 8, 8)
    )
    return Split(images.astype(np.uint8)[..., None], labels)


SPLITS = Splits("stripes", "made by the tests", _stripes(160, 0), _stripes(64, 1), _stripes(64, 2))


def _fit(run, settings=SETTINGS):
    keras.utils.set_random_seed(0)
    model = classifiers.build("cnn", (8, 8, 1), 2)
    assert resumable.begin(run, settings) is None
    return model, classifiers.fit(model, SPLITS, "cnn", settings, run, flips=False)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    return run, *_fit(run)


@pytest.mark.slow
def test_it_learns_and_keeps_its_best_epoch(trained):
    run, model, told = trained
    rows = json.loads((run / "metrics.json").read_text())
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4] and told["epochs"] == 4
    assert told["validation_accuracy"] == pytest.approx(
        max(row["val_accuracy"] for row in rows), abs=1e-6
    )
    assert classifiers.accuracy(model, SPLITS.test) > 0.9


@pytest.mark.slow
def test_a_killed_training_goes_on_with_its_epoch(tmp_path, monkeypatch):
    begin = classifiers._training._BestEpoch.on_epoch_begin

    def killed(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt
        begin(self, epoch, logs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(classifiers._training._BestEpoch, "on_epoch_begin", killed)
        _fit(tmp_path)
    before = json.loads((tmp_path / "metrics.json").read_text())
    _, told = _fit(tmp_path)
    rows = json.loads((tmp_path / "metrics.json").read_text())
    assert len(before) == 2 and rows[:2] == before and told["epochs"] == 4
    assert rows[2]["loss"] < rows[0]["loss"]  # with weights and optimizer as they were


@pytest.mark.slow
def test_it_stops_early_and_stays_so(tmp_path):
    settings = SETTINGS | {"epochs": 30, "early_stopping": 2}
    _, told = _fit(tmp_path, settings)
    assert told["epochs"] == told["best_epoch"] + 2 < 30
    assert _fit(tmp_path, settings)[1] == told


@pytest.mark.slow
def test_other_settings_are_refused(trained):
    with pytest.raises(UserError, match=r"--epochs\b.*\b4\b.*\b5\b.*--run"):
        resumable.begin(trained[0], SETTINGS | {"epochs": 5})


@pytest.mark.slow
def test_the_export_is_the_model_with_a_card(trained, tmp_path):
    _, model, _ = trained
    path = classifiers.export(model, tmp_path / "m", {"seed": 0, "test_accuracy": 0.5})
    found = open_saved_model(tmp_path / "m")
    outputs = found.outputs(SPLITS.test.images)
    for name, value in model(SPLITS.test.images / np.float32(255.0)).items():
        np.testing.assert_allclose(outputs[name], value, rtol=1e-4, atol=1e-6)
    card = dict(
        line.split(": ", 1) for line in (tmp_path / "m" / "card.yaml").read_text().splitlines()
    )
    assert path.name == card["version"] == "1" and json.loads(card["sha256"]) == found.digest
    assert classifiers.export(model, tmp_path / "m", {}).name == "2"


class TestAugmentation:
    def test_images_move_by_up_to_an_eighth_of_their_side_over_zeros(self):
        keras.utils.set_random_seed(0)
        images = tf.repeat(tf.reshape(tf.range(1.0, 257.0), [1, 16, 16, 1]), 300, axis=0)
        moved = classifiers.augment(images, flips=False).numpy()[..., 0]
        padded = np.pad(images[0, ..., 0], 2)
        windows = {(i, j): padded[i : i + 16, j : j + 16] for i in range(5) for j in range(5)}
        found = [next(k for k, w in windows.items() if np.array_equal(w, image)) for image in moved]
        assert set(found) == set(windows)

    def test_half_are_flipped(self):
        keras.utils.set_random_seed(0)
        images = tf.constant(np.arange(16.0).reshape(1, 4, 4, 1).repeat(400, axis=0), tf.float32)
        flipped = classifiers.augment(images, flips=True).numpy()
        mirrored = (flipped[:, 0, 0] > flipped[:, 0, 1])[:, 0]
        assert 0.4 < mirrored.mean() < 0.6


class TestCommand:
    NOTHING = dict.fromkeys(
        [
            *("data_dir", "limit", "epochs", "batch_size", "learning_rate", "early_stopping"),
            *("import_weights", "run", "output"),
        ]
    )
    VALUES = NOTHING | {
        "dataset": "mnist",
        "data_source": "embedded",
        "architecture": "cnn",
        "seed": 0,
    }

    @pytest.mark.slow
    def test_it_trains_exports_and_is_finished(self, tmp_path, capsys):
        flags = {"limit": 40, "epochs": 1, "run": f"{tmp_path}/run", "output": f"{tmp_path}/m"}
        train_classifier._train_classifier(self.VALUES | flags)
        told = capsys.readouterr().out
        assert "Test accuracy" in told and f"{tmp_path}/m/1" in told
        card = (tmp_path / "m" / "card.yaml").read_text()
        assert (
            str(tmp_path) not in card
            and 'command: "bin/train_classifier --' in card
            and "--data_source=embedded" in card
        )
        train_classifier._train_classifier(self.VALUES | flags)
        assert "is finished" in capsys.readouterr().out and not (tmp_path / "m" / "2").exists()

    def test_bad_flags_are_one_sentence(self, tmp_path):
        done = command_here("train_classifier", "--architecture=vgg", cwd=tmp_path)
        assert done.returncode == 1 and not done.stdout
        assert re.fullmatch(
            r"bin/train_classifier: --architecture=vgg.*cnn, resnet56.*\n", done.stderr
        )

    @pytest.mark.parametrize(
        "flags, sentence",
        [
            ({"epochs": 0}, "--epochs=0 must be greater than 0."),
            ({"learning_rate": float("nan")}, "--learning_rate=nan must be greater than 0."),
            ({"seed": -1}, "--seed=-1 must lie in 0"),
            (
                {"epochs": 1, "import_weights": "a.npz"},
                "--epochs does nothing with --import_weights",
            ),
            ({"import_weights": "a.npz"}, "--import_weights .*--architecture=cnn"),
            ({"architecture": "resnet56"}, "--architecture=resnet56 .*3 channels"),
        ],
    )
    def test_settings_that_do_not_go_together_are_refused(
        self, flags, sentence, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(UserError, match=sentence):
            train_classifier._train_classifier(self.VALUES | flags)

    @pytest.mark.slow
    def test_weights_are_read_from_an_npz_file(self, tmp_path):
        (tmp_path / "a.npz").write_text("no arrays")
        model = classifiers.build("resnet56", (32, 32, 3), 10)
        with pytest.raises(UserError, match=r"--import_weights=.*a\.npz "):
            classifiers.import_weights(model, "resnet56", tmp_path / "a.npz")

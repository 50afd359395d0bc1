"""What every classifier keeps to, and what imported weights must give."""

import gzip

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT
from tfflowgan import classifiers, plugins
from tfflowgan.classifiers import resnet56
from tfflowgan.datasets import cifar10
from tfflowgan.errors import UserError
from tfflowgan.metrics.classifier import open_saved_model

SHAPES = {"cnn": (28, 28, 1), "resnet56": (32, 32, 3)}


@pytest.mark.parametrize("name", plugins.names("classifiers"), scope="class")
class TestContract:
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, name):
        return classifiers.build(name, SHAPES[name], 10)

    @pytest.mark.slow
    def test_it_gives_probabilities_and_features(self, model, name):
        found = model(tf.random.stateless_uniform([3, *SHAPES[name]], [0, 1]))
        assert (
            found["probabilities"].shape == (3, 10)
            and found["features"].shape[0] == 3
            and len(found["features"].shape) == 2
        )
        np.testing.assert_allclose(tf.reduce_sum(found["probabilities"], axis=1), 1.0, rtol=1e-5)

    def test_every_weight_has_a_gradient(self, model, name):
        with tf.GradientTape() as tape:
            found = model(tf.random.stateless_uniform([8, *SHAPES[name]], [0, 1]), training=True)[
                "probabilities"
            ]
            loss = keras.losses.sparse_categorical_crossentropy(tf.range(8), found)
        for weight, gradient in zip(
            model.trainable_weights, tape.gradient(loss, model.trainable_weights), strict=True
        ):
            assert gradient is not None and np.abs(gradient).max() > 0, weight.path

    def test_its_recipe_is_whole(self, model, name):
        recipe = classifiers.recipe(name)
        assert sorted(recipe) == ["batch_size", "early_stopping", "epochs", "learning_rate"]
        assert isinstance(
            plugins.load("classifiers", name, "architecture").optimizer(0.1),
            keras.optimizers.Optimizer,
        )


@pytest.mark.slow
class TestResNet56:
    @pytest.fixture(scope="class")
    @classmethod
    def arrays(cls, cifar10_dir):
        with np.load(cifar10_dir / "cifar10-classifier" / "resnet56-4bfd9763.npz") as file:
            return dict(file)

    def test_it_is_the_papers(self):
        model = classifiers.build("resnet56", (32, 32, 3), 10)
        kernels = [
            w
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D)
            for w in layer.weights
        ]
        assert len(kernels) == 55 and sum(np.prod(k.shape) for k in kernels) == 848_304
        assert model.get_layer("layer3.8.relu2").output.shape == (None, 8, 8, 64)

    def test_a_shortcut_takes_every_other_pixel_and_puts_its_channels_in_the_middle(self):
        images = keras.Input((4, 4, 2))
        model = keras.Model(images, resnet56._block(images, 4, 2, "b"))
        model.get_layer("b.bn2").set_weights(
            [np.zeros(4), np.zeros(4), np.zeros(4), np.ones(4)]
        )  # leaves the shortcut alone
        x = np.arange(1.0, 33.0).reshape(1, 4, 4, 2)
        expected = np.pad(x[:, ::2, ::2], [(0, 0), (0, 0), (0, 0), (1, 1)])
        np.testing.assert_array_equal(model(x), expected)

    def test_imported_weights_classify_as_they_did_elsewhere(self, cifar10_dir, arrays):
        model = classifiers.build("resnet56", (32, 32, 3), 10)
        resnet56.import_weights(model, arrays)
        path = cifar10_dir / "cifar-10-batches-bin" / "test_batch.bin"
        test = cifar10._read_batch(path, path.read_bytes()).first(300)
        found = model.predict(test.images / np.float32(255.0), verbose=0)["probabilities"].argmax(
            axis=1
        )
        assert (found == test.labels).mean() >= 0.91  # 92.95 % of the first 2,000

    def test_weights_that_do_not_fit_are_refused(self, arrays):
        model = classifiers.build("resnet56", (32, 32, 3), 10)
        with pytest.raises(UserError, match="--import_weights .*'linear.bias'"):
            resnet56.import_weights(model, {k: v for k, v in arrays.items() if k != "linear.bias"})
        with pytest.raises(UserError, match=r"--import_weights .*'linear.bias' .*\(9,\).*\(10,\)"):
            resnet56.import_weights(model, arrays | {"linear.bias": np.zeros(9)})
        with pytest.raises(UserError, match="--import_weights .*'extra'.*--architecture=resnet56"):
            resnet56.import_weights(model, arrays | {"extra": np.zeros(9)})

    def test_grey_images_are_refused(self):
        with pytest.raises(UserError, match="--architecture=resnet56 .*3 channels.* 1;"):
            classifiers.build("resnet56", (28, 28, 1), 10)


class TestShipped:
    PATH = ROOT / "saved_models" / "mnist_classifier"

    def test_its_card_is_of_these_files(self):
        card = dict(
            line.split(": ", 1) for line in (self.PATH / "card.yaml").read_text().splitlines()
        )
        classifier = open_saved_model(self.PATH)
        assert card["sha256"] == f'"{classifier.digest}"'
        assert float(card["test_accuracy"]) >= 0.993
        assert sum(f.stat().st_size for f in self.PATH.rglob("*") if f.is_file()) < 3e6

    def test_it_knows_digits(self, mnist_dir):
        images, labels = (
            np.frombuffer(gzip.decompress((mnist_dir / name).read_bytes()), np.uint8, offset=skip)
            for name, skip in (("t10k-images-idx3-ubyte.gz", 16), ("t10k-labels-idx1-ubyte.gz", 8))
        )
        found = open_saved_model(self.PATH).outputs(images.reshape(-1, 28, 28, 1)[:500])
        assert (found["probabilities"].argmax(axis=1) == labels[:500]).mean() > 0.98
        assert found["features"].shape == (500, 128)

"""Classifiers as scores use them."""

import hashlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import synthetic_splits
from tfflowgan.errors import UserError
from tfflowgan.files import DownloadError
from tfflowgan.metrics.classifier import inception_v3, load_classifier, open_saved_model


def _save(path, function, shape=(None, 4, 4, 1)):
    module = tf.Module()
    module.call = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)])
    tf.saved_model.save(module, str(path), {"serving_default": module.call})
    return str(path)


def _brightest(images):
    return tf.stack(
        [tf.reduce_max(images, [1, 2, 3]), 1.0 - tf.reduce_max(images, [1, 2, 3])], axis=1
    )


class TestSavedModel:
    def test_images_are_clipped_and_bytes_divided_by_255(self, tmp_path):
        classifier = open_saved_model(_save(tmp_path / "c", _brightest))
        np.testing.assert_array_equal(
            classifier.probabilities(np.full([3, 4, 4, 1], 7.0)), [[1.0, 0.0]] * 3
        )
        np.testing.assert_allclose(
            classifier.probabilities(np.full([3, 4, 4, 1], 51, np.uint8)),
            [[0.2, 0.8]] * 3,
            rtol=1e-6,
        )
        assert classifier.probabilities(np.zeros([1, 4, 4, 1])).dtype == np.float64

    def test_the_newest_version_is_taken(self, tmp_path):
        for version, value in ((1, 0.3), (2, 0.4), (10, 0.5)):
            _save(
                tmp_path / "c" / str(version),
                lambda x, v=value: tf.fill([tf.shape(x)[0], 2], 0.5) + [[v - 0.5, 0.5 - v]],
            )
        classifier = open_saved_model(tmp_path / "c")
        assert classifier.name == "c/10" and classifier.classes == 2
        np.testing.assert_allclose(classifier.probabilities(np.zeros([1, 4, 4, 1])), [[0.5, 0.5]])

    def test_features_come_from_their_output_alone(self, tmp_path):
        both = _save(
            tmp_path / "both",
            lambda x: {"features": tf.reshape(x, [-1, 16]), "probabilities": _brightest(x)},
        )
        images = np.random.default_rng(0).random((5, 4, 4, 1)).astype(np.float32)
        np.testing.assert_array_equal(
            open_saved_model(both).features(images), images.reshape(5, 16)
        )
        with pytest.raises(UserError, match='--classifier=.*"features"'):
            open_saved_model(_save(tmp_path / "one", _brightest)).features(images)

    def test_the_digest_is_of_all_files(self, tmp_path):
        path = tmp_path / "c"
        first = open_saved_model(_save(path, _brightest)).digest
        lines = "".join(
            f"{p.relative_to(path).as_posix()} {hashlib.sha256(p.read_bytes()).hexdigest()}\n"
            for p in sorted(p for p in path.rglob("*") if p.is_file())
        )
        assert first == hashlib.sha256(lines.encode()).hexdigest()
        (path / "fingerprint.pb").write_bytes(b"")
        assert open_saved_model(path).digest != first

    def test_what_is_no_classifier_is_refused(self, tmp_path):
        images = np.full([3, 4, 4, 1], 0.5)
        with pytest.raises(UserError, match="--classifier=.*nowhere.*saved_model.pb"):
            open_saved_model(tmp_path / "nowhere")
        logits = _save(tmp_path / "logits", lambda x: tf.reshape(x, [-1, 16]))
        with pytest.raises(UserError, match="--classifier=.*logits.*probabilities"):
            open_saved_model(logits).probabilities(images)
        nan = _save(tmp_path / "nan", lambda x: _brightest(x) / 0.0 * 0.0)
        with pytest.raises(UserError, match="--classifier=.*nan.*probabilities"):
            open_saved_model(nan).probabilities(images)
        others = _save(tmp_path / "others", lambda x: {"a": _brightest(x), "b": _brightest(x)})
        with pytest.raises(UserError, match="--classifier=.*others.*serving_default"):
            open_saved_model(others)

    def test_images_that_do_not_go_with_it_are_refused(self, tmp_path):
        grey = _save(tmp_path / "grey", _brightest)
        with pytest.raises(UserError, match=r"--classifier=.*\(4, 4, 3\).*4 x 4 x 1"):
            open_saved_model(grey).probabilities(np.zeros([3, 4, 4, 3]))
        with pytest.raises(UserError, match="1 of 3 samples"):
            open_saved_model(grey).probabilities(
                np.array([0.5, np.nan, 0.5]).repeat(16).reshape(3, 4, 4, 1)
            )
        with pytest.raises(UserError, match=r"--classifier=.*\b2 classes.*\b9\b"):
            load_classifier(grey, synthetic_splits())
        with pytest.raises(UserError, match=r"--classifier=.*\(6, 4, 1\)"):
            load_classifier(grey, synthetic_splits(shape=(6, 4, 1)))


@pytest.mark.slow
class TestInception:
    @pytest.fixture(scope="class")
    @classmethod
    def classifier(cls):
        keras.utils.set_random_seed(0)
        return inception_v3(weights=None)

    def test_grey_images_are_repeated_resized_and_centred(self, classifier):
        images = np.random.default_rng(0).random((2, 8, 8, 1)).astype(np.float32)
        found = classifier.outputs(images)
        assert found["probabilities"].shape == (2, 1000) and found["features"].shape == (2, 2048)
        assert (classifier.resize, classifier.labelled, classifier.classes) == (299, False, 1000)
        large = tf.image.resize(images, [299, 299]).numpy().clip(0.0, 1.0).repeat(3, axis=-1)
        np.testing.assert_allclose(
            classifier.features(large), found["features"], rtol=1e-3, atol=1e-5
        )

    def test_missing_weights_are_a_sentence_that_says_what_to_place_where(
        self, monkeypatch, tmp_path
    ):
        def download(url, path, checksum):
            raise DownloadError(f"no answer from {url}.")

        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setattr("tfflowgan.files.download", download)
        with pytest.raises(UserError) as error:
            load_classifier("inception_v3", synthetic_splits())
        name = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5"
        assert f"place {name} (from https://storage.googleapis.com" in str(error.value)
        assert f"in {tmp_path}/models; no answer from https://" in str(error.value)

    def test_weights_are_downloaded_to_where_keras_keeps_them_and_checked(
        self, monkeypatch, tmp_path
    ):
        known, downloaded = {}, []

        def get_file(fname, origin, cache_subdir, file_hash):
            known.update(url=origin, path=tmp_path / cache_subdir / fname, checksum=file_hash)
            raise InterruptedError

        monkeypatch.setattr("keras.src.applications.inception_v3.file_utils.get_file", get_file)
        with pytest.raises(InterruptedError):
            keras.applications.InceptionV3(weights="imagenet")

        def download(url, path, checksum):
            downloaded.append({"url": url, "path": path, "checksum": checksum})
            path.parent.mkdir(exist_ok=True)
            path.write_text("weights")

        class Loaded(Exception):
            """Ends the test where Keras takes the file."""

        def build(weights):
            raise Loaded(weights)

        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setattr("tfflowgan.files.download", download)
        monkeypatch.setattr("keras.applications.InceptionV3", build)
        for _ in range(2):  # the second time a file is there, but not the one expected
            with pytest.raises(Loaded, match=known["path"].name):
                inception_v3()
        assert downloaded == [known, known]
        monkeypatch.setattr("tfflowgan.files.matches", lambda path, checksum: True)
        with pytest.raises(Loaded, match=known["path"].name):
            inception_v3()
        assert len(downloaded) == 2

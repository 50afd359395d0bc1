"""Scores and distances of samples."""

import gzip
import json

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import tensorflow as tf

from tests.helpers import small_flow, synthetic_split, synthetic_splits
from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import sample_scores
from tfflowgan.generators import monitor_seeds
from tfflowgan.metrics.classifier import load_classifier
from tfflowgan.metrics.distances import frechet_distance, kernel_distance
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.metrics.scorer import Scorer, label_distribution
from tfflowgan.metrics.scores import inception_score, mode_score

UNIFORM = np.full(10, 0.1)


def _mean(value):
    """Of ten splits that agree."""
    return {"value": value, "standard_error": 0.0, "count": 10}


class TestScores:
    def test_certain_and_balanced_classes_give_their_number(self):
        p = np.tile(np.eye(10), (20, 1))
        assert inception_score(p) == pytest.approx(_mean(10.0))
        assert mode_score(p, UNIFORM) == pytest.approx(_mean(10.0))

    def test_one_class_gives_one(self):
        p = np.tile(np.eye(10)[3], (20, 1))
        assert inception_score(p) == pytest.approx(_mean(1.0))

    def test_the_mode_score_counts_missing_classes(self):
        # half of the classes, certain: KL(p(y|x) || p*) = log 10; KL(p* || p(y)) is infinite where
        # a class is missing altogether
        p = np.tile(np.eye(10)[:5], (4, 1))
        np.testing.assert_allclose(inception_score(p, 1)["value"], 5.0)
        assert mode_score(p, UNIFORM, 1) == {"value": 0.0, "standard_error": None, "count": 1}
        soft = 0.99 * p + 0.001
        expected = np.exp(
            (soft * np.log(soft / 0.1)).sum(axis=1).mean()
            - (0.1 * np.log(0.1 / soft.mean(axis=0))).sum()
        )
        np.testing.assert_allclose(mode_score(soft, UNIFORM, 1)["value"], expected)

    def test_the_two_scores_are_equal_where_samples_have_the_labels_distribution(self):
        p = np.random.default_rng(0).dirichlet(np.ones(10), 100)
        np.testing.assert_allclose(
            mode_score(p, p.mean(axis=0), 1)["value"], inception_score(p, 1)["value"]
        )

    def test_splits_are_scored_by_themselves_in_order(self):
        p = np.random.default_rng(0).dirichlet(np.ones(3), 25)
        parts = [inception_score(part, 1)["value"] for part in (p[:6], p[6:12], p[12:18], p[18:])]
        expected = {"value": np.mean(parts), "standard_error": scipy.stats.sem(parts), "count": 4}
        assert inception_score(p, 4) == pytest.approx(expected)
        assert inception_score(p, 1)["standard_error"] is None

    def test_a_perfect_classifier_on_real_labels_gives_the_known_ceilings(self, mnist_dir):
        labels = np.frombuffer(
            gzip.decompress((mnist_dir / "t10k-labels-idx1-ubyte.gz").read_bytes()),
            np.uint8,
            offset=8,
        )
        orders = [
            np.eye(10)[labels[np.random.default_rng(seed).permutation(10_000)]]
            for seed in range(20)
        ]
        assert np.mean([inception_score(p)["value"] for p in orders]) == pytest.approx(
            9.94, abs=0.005
        )
        assert np.mean([inception_score(p[:1152])["value"] for p in orders]) == pytest.approx(
            9.60, abs=0.03
        )

    def test_what_cannot_be_scored_is_refused(self):
        with pytest.raises(UserError, match=r"--score_splits=10 .*1\.\.9"):
            inception_score(np.eye(9), 10)
        for bad in (np.eye(10) * 2.0, np.full([20, 10], np.nan), np.ones(10)):
            with pytest.raises(UserError, match="probabilities"):
                inception_score(bad)
        with pytest.raises(UserError, match="4 classes .*labels have 10"):
            mode_score(np.eye(4), UNIFORM, 1)
        with pytest.raises(UserError, match="label 1,"):
            mode_score(np.eye(2), np.array([1.0, 0.0]), 1)


def _features(count, mean, covariance, seed):
    """Features whose mean and covariance are exactly these."""
    x = np.random.default_rng(seed).standard_normal((count, len(mean)))
    x -= x.mean(axis=0)
    white = np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    return x @ white @ np.linalg.cholesky(covariance).T + mean


class TestDistances:
    def test_the_frechet_distance_has_the_closed_form_of_independent_gaussians(self):
        a = _features(50, np.zeros(3), np.diag([1.0, 4.0, 9.0]), 0)
        b = _features(40, np.array([1.0, 0.0, 2.0]), np.diag([4.0, 4.0, 1.0]), 1)
        expected = 5.0 + (1 - 2) ** 2 + 0.0 + (3 - 1) ** 2
        np.testing.assert_allclose(frechet_distance(a, b), expected, rtol=1e-12)

    @pytest.mark.parametrize("count", [200, 6])  # with few images the covariances are singular
    def test_the_frechet_distance_agrees_with_scipys_matrix_root(self, count):
        generator = np.random.default_rng(0)
        a, b = (
            generator.standard_normal((count, 8)) @ generator.standard_normal((8, 8))
            for _ in range(2)
        )
        s, t = np.cov(a.T), np.cov(b.T)
        root = np.real(scipy.linalg.sqrtm(s @ t))
        expected = np.square(a.mean(axis=0) - b.mean(axis=0)).sum() + np.trace(s + t - 2.0 * root)
        np.testing.assert_allclose(
            frechet_distance(a, b), expected, rtol=1e-10 if count > 8 else 1e-5
        )
        assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-10)

    def test_the_kernel_distance_is_the_double_loop(self):
        generator = np.random.default_rng(0)
        a, b = generator.standard_normal((5, 4)), generator.standard_normal((5, 4)) + 1.0

        def k(x, y):
            return (sum(p * q for p, q in zip(x, y, strict=True)) / 4.0 + 1.0) ** 3

        expected = 0.0
        for i in range(5):
            for j in range(5):
                expected -= 2.0 * k(a[i], b[j]) / 25.0
                if i != j:
                    expected += (k(a[i], a[j]) + k(b[i], b[j])) / 20.0
        found = kernel_distance(a, b, 1, 5, seed=0)
        np.testing.assert_allclose(found["value"], expected, rtol=1e-12)
        assert found["standard_error"] is None

    def test_the_kernel_distance_is_unbiased_and_its_error_is_right(self):
        values, errors = [], []
        for seed in range(200):
            generator = np.random.default_rng(seed)
            a, b = generator.standard_normal((2, 100, 3))
            found = kernel_distance(a, b, 5, 20, seed)
            values.append(found["value"])
            errors.append(found["standard_error"])
        assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)
        assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(values), rel=0.2)

    def test_what_cannot_be_compared_is_refused(self):
        a = np.eye(4)
        with pytest.raises(UserError, match="4 x 1 .*from 4; .*--score_splits"):
            kernel_distance(a, a, 4, 1, 0)
        with pytest.raises(UserError, match="at least 2 images .*has 1"):
            frechet_distance(a[:1], a)
        with pytest.raises(UserError, match=r"\(4, 4\).*\(4, 5\)"):
            frechet_distance(a, np.ones((4, 5)))
        with pytest.raises(UserError, match="finite"):
            frechet_distance(a, a * np.nan)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A SavedModel of ten classes with three features."""
    generator = np.random.default_rng(0)
    module = tf.Module()
    module.w = tf.Variable(generator.standard_normal((16, 10)), dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32)])
    def call(images):
        flat = tf.reshape(images, [-1, 16])
        return {"probabilities": tf.nn.softmax(20.0 * flat @ module.w), "features": flat[:, :3]}

    module.call = call
    path = str(tmp_path_factory.mktemp("classifier"))
    tf.saved_model.save(module, path, {"serving_default": call})
    return path


@pytest.fixture(scope="module")
def flow():
    return small_flow("nice")


SPLITS = Splits(
    "synthetic", "made by the tests", *[synthetic_split(200, (4, 4, 1), seed) for seed in range(3)]
)


@pytest.fixture(scope="module")
def result(flow, classifier):
    """60 samples in 3 splits, beside 60 of 200 test images."""
    return sample_scores.evaluate(
        flow, SPLITS, classifier=classifier, score_samples=60, score_splits=3, seed=2
    )


def _numbers(scores):
    """All scores and their errors, NaN where there is none."""
    means = [scores[name] for name in ("inception_score", "mode_score", "kid")]
    numbers = [mean[key] for mean in means for key in ("value", "standard_error")]
    return np.array([*numbers, scores["fid"]], np.float64)


class TestEvaluation:
    def test_samples_stand_beside_real_images_at_the_same_count(self, result):
        assert [result[name]["count"] for name in ("samples", "test", "train")] == [60] * 3
        assert (
            result["test"]["fid"] is None
            and result["train"]["fid"] >= 0
            and abs(sum(result["labels"]) - 1.0) < 1e-12
        )
        assert result["classifier"]["features"] == 3 and len(result["classifier"]["sha256"]) == 64
        images, columns = result["pictures"]["samples"]
        assert (
            images.shape == (60, 4, 4, 1)
            and 0 <= images.min()
            and images.max() <= 1
            and columns == 10
        )
        json.dumps({k: v for k, v in result.items() if k != "pictures"}, allow_nan=False)

    def test_it_is_the_lower_functions_on_eight_bit_samples(self, result, flow, classifier):
        samples = np.floor(np.clip(flow.sample(60, 2), 0.0, 1.0 - 1e-6) * 256.0).astype(np.uint8)
        found = sample_scores.score(
            samples, SPLITS, classifier, reference=SPLITS.test.images[:60], score_splits=3, seed=2
        )
        for name, value in found.items():
            assert result["samples"][name] == pytest.approx(value, rel=1e-6), name
        features = samples.reshape(60, 16)[:, :3] / 255.0
        reference = SPLITS.test.images[:60].reshape(60, 16)[:, :3] / 255.0
        np.testing.assert_allclose(found["fid"], frechet_distance(features, reference), rtol=1e-5)
        np.testing.assert_allclose(
            found["kid"]["value"],
            kernel_distance(features, reference, 3, 20, 2)["value"],
            rtol=1e-4,
        )

    @pytest.mark.slow
    def test_results_depend_neither_on_the_batch_nor_on_an_interruption(
        self, result, flow, classifier, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(sample_scores, "_PART", 20)
        settings = {
            "classifier": classifier,
            "score_samples": 60,
            "score_splits": 3,
            "seed": 2,
            "batch_size": 7,
        }
        sample_scores.evaluate(flow, SPLITS, ResumableLoop(tmp_path), **settings)
        kept = sorted(tmp_path.iterdir())
        assert len(kept) == 9
        kept[-1].unlink()
        again = sample_scores.evaluate(flow, SPLITS, ResumableLoop(tmp_path), **settings)
        for name in ("samples", "test", "train"):
            np.testing.assert_allclose(_numbers(again[name]), _numbers(result[name]), rtol=1e-4)

    def test_there_are_no_more_samples_than_real_images(self, flow, classifier):
        found = sample_scores.evaluate(
            flow, SPLITS, classifier=classifier, score_samples=1000, score_splits=1, limit=3
        )
        assert found["count"] == 3 and found["score_samples"] == 1000 and found["limit"] == 3
        assert found["distance_note"]

    def test_samples_that_are_test_images_get_the_ceiling_and_no_distance(self, result, classifier):
        images = SPLITS.test.images[:60]
        found = sample_scores.score(images, SPLITS, classifier, reference=images, score_splits=3)
        assert found["inception_score"] == pytest.approx(result["test"]["inception_score"])
        assert found["fid"] == pytest.approx(0, abs=1e-9)

    def test_a_missing_mode_score_has_a_reason(self, flow, classifier):
        nameless = Splits(
            "x",
            "made by the tests",
            *[Split(s.images) for s in (SPLITS.train, SPLITS.validation, SPLITS.test)],
        )
        found = sample_scores.evaluate(
            flow, nameless, classifier=classifier, score_samples=20, score_splits=2
        )
        assert (
            found["samples"]["mode_score"]["value"] is None and "labels" in found["mode_score_note"]
        )
        assert "accuracy" not in found["test"] and found["distance_note"] is None
        eight = Splits(
            "x",
            "made by the tests",
            Split(SPLITS.train.images, SPLITS.train.labels % 8),
            nameless.test,
            nameless.test,
        )
        network = load_classifier(classifier, eight)
        assert "label 8" in label_distribution(network, eight.train.labels)[1]

    @pytest.mark.slow
    def test_bad_input_is_one_sentence(self, flow, classifier):
        with pytest.raises(UserError, match=r"\b15 images.*--score_splits=10.*--score_samples"):
            sample_scores.evaluate(flow, SPLITS, classifier=classifier, score_samples=15)
        with pytest.raises(
            UserError, match="--classifier.*bin/train_classifier --dataset=synthetic"
        ):
            sample_scores.evaluate(flow, SPLITS)
        with pytest.raises(UserError, match=r"\(4, 6, 1\).*\(4, 4, 1\)"):
            sample_scores.evaluate(flow, synthetic_splits(shape=(4, 6, 1)), classifier=classifier)

    def test_samples_that_are_not_finite_are_refused_and_no_nan_is_monitored(self, classifier):
        class Diverged:
            image_shape, dtype = (4, 4, 1), "float32"

            def latents(self, seeds):
                return seeds

            def decode(self, latents):
                return tf.fill([len(latents), 4, 4, 1], float("nan"))

        with pytest.raises(UserError, match="20 of 20 samples"):
            sample_scores.evaluate(
                Diverged(), SPLITS, classifier=classifier, score_samples=20, score_splits=2
            )
        scorer = Scorer(classifier, SPLITS.train.labels)
        assert scorer.monitor(Diverged(), 4, 0) == {"inception_score": None, "mode_score": None}


@pytest.mark.slow
class TestScorer:
    def test_it_is_the_score_of_the_monitors_samples_in_one_split(self, flow, classifier):
        images = flow.decode(flow.latents(monitor_seeds(3, 40))).numpy()
        result = sample_scores.score(images, SPLITS, classifier, score_splits=1)
        found = Scorer(classifier, SPLITS.train.labels).monitor(flow, 40, 3)
        expected = {key: result[key]["value"] for key in ("inception_score", "mode_score")}
        assert found == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("seed", [0, 3])
    def test_no_sample_that_chooses_weights_is_evaluated(self, flow, classifier, seed, monkeypatch):
        drawn = []
        decode = type(flow).decode
        monkeypatch.setattr(
            type(flow), "decode", lambda self, z: drawn.append(decode(self, z)) or drawn[-1]
        )
        Scorer(classifier, SPLITS.train.labels).monitor(flow, 40, seed)
        monitored = {image.numpy().tobytes() for batch in drawn for image in batch}
        drawn.clear()
        sample_scores.evaluate(
            flow, SPLITS, classifier=classifier, score_samples=40, score_splits=2, seed=seed
        )
        evaluated = {image.numpy().tobytes() for batch in drawn for image in batch}
        assert len(monitored) == len(evaluated) == 40
        assert not monitored & evaluated

    def test_bad_classifiers_are_refused(self, flow, classifier):
        with pytest.raises(UserError, match="--classifier=/nowhere"):
            Scorer("/nowhere", np.array([0]))
        with pytest.raises(UserError, match="--classifier=.*labels"):
            Scorer(classifier, None)
        with pytest.raises(UserError, match=r"--classifier=.*\b10 classes.*\b11\b"):
            Scorer(classifier, np.arange(12)).monitor(flow, 4, 0)

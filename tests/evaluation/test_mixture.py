"""Gaussian mixtures: against scikit-learn, in closed form, and as an evaluation."""

import gzip
import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn.neighbors import KernelDensity

from tests.helpers import small_flow, synthetic_splits
from tfflowgan import generators, units
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import mixture
from tfflowgan.metrics.classifier import load_classifier
from tfflowgan.metrics.isotropic_mixture import IsotropicMixture
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop

SIGMAS = np.array([0.005, 0.02, 0.1, 0.5, 1.0])
SETTINGS = {"kde_samples": 40, "bandwidths": 5, "mixture_score_samples": 20}


def _images(count, shape=(6, 6, 3), seed=0):
    return np.random.default_rng(seed).random((count, *shape))


def _scikit(centres, points, sigma):
    centres, points = centres.reshape(len(centres), -1), points.reshape(len(points), -1)
    # one leaf: with more its pruning is wrong at small bandwidths (scikit-learn's issue 25799)
    return KernelDensity(bandwidth=sigma, leaf_size=len(centres)).fit(centres).score_samples(points)


class TestIsotropicMixture:
    def test_log_prob_is_scikit_learns_where_every_exponential_underflows_too(self):
        centres = _images(200)
        points = np.concatenate([_images(30, seed=1), centres[:5], centres[:5] + 1e-3])
        values = IsotropicMixture(centres).log_prob(points, SIGMAS)
        assert values.shape == (5, 40)
        for sigma, ours in zip(SIGMAS, values, strict=True):
            np.testing.assert_allclose(ours, _scikit(centres, points, sigma), rtol=1e-9)
        assert (
            np.exp(-((points[0] - centres) ** 2).sum(axis=(1, 2, 3)).min() / (2 * 0.005**2)) == 0.0
        )

    @pytest.mark.slow
    def test_real_digits_agree_with_scikit_learn(self, mnist_dir):
        with gzip.open(mnist_dir / "t10k-images-idx3-ubyte.gz") as file:
            images = (
                np.frombuffer(file.read(), np.uint8, offset=16)
                .reshape(-1, 28, 28, 1)[:320]
                .astype(np.float32)
            )
        centres, points = (
            units.dequantize(images[:300], np.float32(0.5)),
            units.dequantize(images[300:], np.float32(0.25)),
        )
        values = IsotropicMixture(centres).log_prob(points, SIGMAS)
        for sigma, ours in zip(SIGMAS, values, strict=True):
            np.testing.assert_allclose(
                ours, _scikit(centres.astype(float), points.astype(float), sigma), rtol=1e-6
            )

    def test_distances_far_smaller_than_norms_keep_their_digits(self):
        centres = 1000.0 + 1e-3 * _images(50)
        points = 1000.0 + 1e-3 * _images(5, seed=1)
        expected = _scikit(centres - 1000.0, points - 1000.0, 1e-3)
        np.testing.assert_allclose(
            IsotropicMixture(centres).log_prob(points, 1e-3), expected, rtol=1e-6
        )

    @pytest.mark.parametrize("block", [1, 7, 23])
    def test_the_block_size_does_not_matter(self, block):
        centres, points = _images(23), _images(9, seed=1)
        expected = IsotropicMixture(centres).log_prob(points, SIGMAS)
        np.testing.assert_allclose(
            IsotropicMixture(centres, block=block).log_prob(points, SIGMAS), expected, rtol=1e-12
        )

    def test_one_centre_is_a_gaussian(self):
        centre, point = _images(1), _images(1, seed=1)
        expected = -0.5 * ((point - centre) ** 2).sum() / 0.3**2 - 54 * np.log(2 * np.pi * 0.3**2)
        np.testing.assert_allclose(
            IsotropicMixture(centre).log_prob(point, 0.3), [expected], rtol=1e-12
        )

    def test_samples_are_centres_with_noise(self):
        centres = 100.0 * _images(5, shape=(2, 2, 1))
        samples = IsotropicMixture(centres).sample(4000, 0.5, seed=3)
        distances = ((samples[:, None] - centres) ** 2).sum(axis=(2, 3, 4))
        which = distances.argmin(axis=1)
        noise = samples - centres[which]
        counts = np.bincount(which, minlength=5)
        assert np.abs(counts - 800).max() < 4 * np.sqrt(4000 * 0.2 * 0.8)
        assert abs(noise.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * 16000) and abs(
            noise.mean()
        ) < 4 * 0.5 / np.sqrt(16000)
        assert abs(np.corrcoef(noise.reshape(4000, 4).T)[0, 1]) < 4 / np.sqrt(4000)

    def test_the_first_of_more_samples_are_the_same_and_the_bandwidth_scales_the_noise(self):
        centres = _images(5)
        model = IsotropicMixture(centres)
        np.testing.assert_array_equal(
            model.sample(10, 0.1, seed=0)[:4], model.sample(4, 0.1, seed=0)
        )
        none, small, large = (model.sample(4, sigma, seed=0) for sigma in (0.0, 0.1, 0.2))
        np.testing.assert_allclose(large - none, 2 * (small - none), rtol=1e-9)
        assert not np.array_equal(model.sample(4, 0.1, seed=1), small)

    def test_centres_that_are_not_finite_are_refused(self):
        centres = _images(5)
        centres[2, 0, 0, 0] = np.inf
        with pytest.raises(UserError, match="1 of 5 "):
            IsotropicMixture(centres)
        with pytest.raises(UserError, match="centre"):
            IsotropicMixture(_images(0))


class TestSearch:
    @pytest.mark.parametrize("scale", [0.05, 0.2, 0.31])
    def test_it_finds_the_deviation_of_a_gaussian(self, scale):
        points = scale * np.random.default_rng(0).standard_normal((500, 64))
        single = IsotropicMixture(np.zeros((1, 64)))
        grid, values, best = mixture.search(
            lambda s: -single.log_prob(points, s), np.geomspace(0.01, 1.0, 16)
        )
        assert len(grid) == 32 and values.shape == (32, 500) and (np.diff(grid) > 0).all()
        exact = np.sqrt((points**2).mean())
        assert abs(np.log(grid[best] / exact)) <= 0.5 * np.log(grid[best + 1] / grid[best]) * 1.01
        assert grid[best + 1] / grid[best] < 1.04

    def test_it_stays_in_the_range(self):
        for sign, end in ((1, 0), (-1, -1)):
            grid, _, best = mixture.search(
                lambda s, sign=sign: sign * s[:, None], np.geomspace(0.01, 1.0, 6)
            )
            assert grid[best] == np.geomspace(0.01, 1.0, 6)[end]


@pytest.fixture(scope="module")
def flow():
    return small_flow("nice")


def _save_classifier(path, splits):
    """Ten classes by the mean brightness."""

    def call(images):
        level = tf.reduce_mean(images, [1, 2, 3])[:, None] * 10.0
        return {
            "probabilities": tf.nn.softmax(
                -4.0 * (level - tf.range(10, dtype=tf.float32) - 0.5) ** 2
            )
        }

    module = tf.Module()
    module.call = tf.function(
        call, input_signature=[tf.TensorSpec([None, *splits.image_shape], tf.float32)]
    )
    tf.saved_model.save(module, str(path / "1"), {"serving_default": module.call})
    return str(path)


@pytest.mark.slow
class TestEvaluation:
    def test_both_mixtures_and_the_exact_density_are_of_the_same_test_images(self, flow):
        splits = synthetic_splits(50)
        result = mixture.evaluate(flow, splits, **SETTINGS)
        log_prob = log_probs(flow, splits.test)[0]
        assert result["exact"]["test_nll"]["value"] == pytest.approx(-log_prob.mean())
        assert result["exact"]["test_nll"]["standard_error"] == pytest.approx(
            log_prob.std(ddof=1) / np.sqrt(50)
        )
        assert result["exact"]["test_bits_per_dim"]["value"] == pytest.approx(
            units.bits_per_dim(log_prob.mean(), 16)
        )
        points = np.concatenate(
            [x for x, _ in mixture.evaluation_batches(splits.test, 50, 0)]
        ).astype(float)
        centres = {
            "gmm": (splits.train.images + 0.5) / 256,
            "kde": flow.sample(40, 0).numpy().astype(float),
        }
        for name, found in centres.items():
            log_prob = _scikit(found, points, result[name]["bandwidth"])
            assert result[name]["test_nll"]["value"] == pytest.approx(-log_prob.mean(), rel=1e-6)
            assert result[name]["test_nll"]["standard_error"] == pytest.approx(
                log_prob.std(ddof=1) / np.sqrt(50), rel=1e-6
            )
            best = min(result[name]["curve"], key=lambda row: row["validation_nll"]["value"])
            assert (
                best["bandwidth"] == result[name]["bandwidth"]
                and best["validation_nll"] == result[name]["validation_nll"]
            )
        assert (
            result["gmm"]["centres"] == 50
            and result["kde"]["centres"] == 40
            and len(result["gmm"]["curve"]) == 5 + 6
        )

    def test_scores_go_with_the_bandwidths_of_the_first_search_and_the_best(self, flow, tmp_path):
        splits = synthetic_splits(50)
        path = _save_classifier(tmp_path, splits)
        result = mixture.evaluate(flow, splits, classifier=path, score_splits=2, **SETTINGS)
        scored = [
            row["bandwidth"]
            for row in result["gmm"]["curve"]
            if row["inception_score"]["value"] is not None
        ]
        assert set(np.geomspace(0.01, 1.0, 5)) | {result["gmm"]["bandwidth"]} == set(scored)
        assert all(
            1.0 <= result[name]["inception_score"]["value"] <= 10.0
            for name in ("gmm", "model", "test_images")
        )
        assert (
            result["classifier"]["sha256"] == load_classifier(path, splits).digest
            and result["no_scores"] is None
        )

    def test_without_a_classifier_there_are_no_scores_and_the_reason_is_given(self, flow):
        result = mixture.evaluate(flow, synthetic_splits(30), **SETTINGS)
        assert result["model"]["mode_score"]["value"] is None
        assert "--dataset=synthetic" in result["no_scores"]
        with pytest.raises(UserError, match="--classifier=nowhere"):
            mixture.evaluate(flow, synthetic_splits(30), classifier="nowhere", **SETTINGS)

    def test_a_generator_without_a_density_has_no_exact_value(self):
        generator = generators.build("dcgan", (8, 8, 1), width=4)
        result = mixture.evaluate(generator, synthetic_splits(30, shape=(8, 8, 1)), **SETTINGS)
        assert result["exact"] is None and np.isfinite(result["kde"]["test_nll"]["value"])
        json.dumps({k: v for k, v in result.items() if k != "pictures"}, allow_nan=False)

    def test_the_limit_applies_to_centres_and_points(self, flow):
        result = mixture.evaluate(flow, synthetic_splits(50), limit=7, **SETTINGS)
        assert [
            result["gmm"]["centres"],
            result["kde"]["centres"],
            result["validation"],
            result["test"],
        ] == [7, 7, 7, 7]

    def test_an_interrupted_one_continues_with_the_same_result(self, flow, tmp_path, monkeypatch):
        splits = synthetic_splits(30)
        expected = mixture.evaluate(flow, splits, batch_size=7, **SETTINGS)
        monkeypatch.setattr(mixture, "_PART", 11)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(IsotropicMixture, "log_prob", _interrupted(IsotropicMixture.log_prob, 5))
            mixture.evaluate(flow, splits, ResumableLoop(tmp_path), **SETTINGS)
        kept = len(list(tmp_path.iterdir()))
        assert kept == 4 + 5
        result = mixture.evaluate(flow, splits, ResumableLoop(tmp_path), **SETTINGS)
        for name in ("gmm", "kde", "exact"):
            assert result[name]["test_nll"] == pytest.approx(expected[name]["test_nll"], rel=1e-6)

    def test_the_papers_bandwidth_is_among_those_of_its_dataset(self, flow):
        splits = synthetic_splits(30)
        result = mixture.evaluate(
            flow,
            Splits("mnist", "test", splits.train, splits.validation, splits.test),
            limit=20,
            **SETTINGS,
        )
        assert 0.1 in [row["bandwidth"] for row in result["gmm"]["curve"]]
        assert set(result["pictures"]) == {"gmm_best", "gmm_paper"}
        images, _ = result["pictures"]["gmm_paper"]
        assert images.shape == (64, 4, 4, 1) and images.min() >= 0.0 and images.max() <= 1.0

    def test_bad_input_is_refused(self):
        flow, splits = small_flow("nice"), synthetic_splits(30)
        with pytest.raises(UserError, match=r"synthetic.*\(6, 6, 1\).*\(4, 4, 1\)"):
            mixture.evaluate(flow, synthetic_splits(20, shape=(6, 6, 1)))
        with pytest.raises(UserError, match=r"--bandwidths=2\b.*\b3\b"):
            mixture.evaluate(flow, splits, bandwidths=2)
        with pytest.raises(UserError, match="--mixture_score_samples=5.*--score_splits=10"):
            mixture.evaluate(flow, splits, mixture_score_samples=5)
        flow.networks[0].layers[-1].bias.assign([np.nan] * 8)
        with pytest.raises(UserError, match="of 40 samples.*--dtype=float64"):
            mixture.evaluate(flow, splits, **SETTINGS)


def _interrupted(function, calls):
    count = iter(range(calls))

    def wrapped(*arguments):
        if next(count, None) is None:
            raise KeyboardInterrupt
        return function(*arguments)

    return wrapped

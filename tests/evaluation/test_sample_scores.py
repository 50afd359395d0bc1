"""Scores of samples."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import small_flow
from tfflowgan.errors import UserError
from tfflowgan.evaluation.sample_scores import Scorer, inception_score, mode_score


def test_certain_and_balanced_classes_give_their_number():
    p = np.tile(np.eye(10), (7, 1))
    np.testing.assert_allclose(inception_score(p), 10.0)
    np.testing.assert_allclose(mode_score(p, np.full(10, 0.1)), 10.0)


def test_one_class_gives_one():
    p = np.tile(np.eye(10)[3], (5, 1))
    np.testing.assert_allclose(inception_score(p), 1.0)


def test_the_mode_score_counts_missing_classes():
    # half of the classes, certain: KL(p(y|x) || p*) = log 10; KL(p* || p(y)) is infinite where a class is missing altogether
    p = np.tile(np.eye(10)[:5], (4, 1))
    np.testing.assert_allclose(inception_score(p), 5.0)
    assert mode_score(p, np.full(10, 0.1)) == 0.0
    soft = 0.99 * p + 0.001
    expected = np.exp((soft * np.log(soft / 0.1)).sum(axis=1).mean() - (0.1 * np.log(0.1 / soft.mean(axis=0))).sum())
    np.testing.assert_allclose(mode_score(soft, np.full(10, 0.1)), expected)


def test_the_two_scores_are_equal_where_samples_have_the_labels_distribution():
    p = np.random.default_rng(0).dirichlet(np.ones(10), 100)
    np.testing.assert_allclose(mode_score(p, p.mean(axis=0)), inception_score(p))


def _save(path, function):
    module = tf.Module()
    module.call = tf.function(function, input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32)])
    tf.saved_model.save(module, str(path), {"serving_default": module.call})
    return str(path)


def test_images_are_clipped_before_they_are_scored(tmp_path):
    path = _save(tmp_path / "c", lambda x: tf.stack([tf.reduce_max(x, [1, 2, 3]), 1.0 - tf.reduce_max(x, [1, 2, 3])], axis=1))
    p = Scorer(path, np.array([0, 1])).probabilities(tf.fill([3, 4, 4, 1], 7.0))
    np.testing.assert_array_equal(p, [[1.0, 0.0]] * 3)


def test_bad_classifiers_are_refused(tmp_path):
    with pytest.raises(UserError, match="is not a SavedModel"):
        Scorer(tmp_path / "nowhere", np.array([0]))
    logits = _save(tmp_path / "logits", lambda x: tf.reshape(x, [-1, 16]))
    with pytest.raises(UserError, match="does not give class probabilities"):
        Scorer(logits, np.array([0])).probabilities(tf.fill([3, 4, 4, 1], 0.5))
    with pytest.raises(UserError, match=r"does not take images of shape \(5, 5, 1\)"):
        Scorer(logits, np.array([0])).probabilities(tf.fill([3, 5, 5, 1], 0.5))
    two = _save(tmp_path / "two", lambda x: tf.tile([[0.5, 0.5]], [tf.shape(x)[0], 1]))
    with pytest.raises(UserError, match="needs images with labels"):
        Scorer(two, None)
    with pytest.raises(UserError, match="has 2 classes where the images have labels up to 9"):
        Scorer(two, np.arange(10)).monitor(small_flow("nice"), 4, 0)

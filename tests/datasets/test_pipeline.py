"""Batches are functions of (seed, step)."""

import numpy as np
import pytest

from tests.helpers import synthetic_split
from tfflowgan import units
from tfflowgan.datasets import evaluation_batches, training_batches


def _take(dataset, n):
    return np.stack(list(dataset.take(n).as_numpy_iterator()))


@pytest.mark.parametrize("first", [0, 1, 5, 6, 13])
def test_training_resumes_at_any_step_with_the_very_same_batches(first):
    split = synthetic_split(50)
    whole = _take(training_batches(split, 8, seed=3, flips=True), 20)
    resumed = _take(training_batches(split, 8, seed=3, first_step=first, flips=True), 20 - first)
    np.testing.assert_array_equal(resumed, whole[first:])


def test_an_epoch_uses_no_image_twice_and_the_next_one_another_order():
    split = synthetic_split(48, shape=(8, 8, 1))
    batches = units.quantize(_take(training_batches(split, 8, seed=0), 12)).reshape(2, 48, -1)
    for epoch in batches:
        assert len(np.unique(epoch, axis=0)) == 48
    assert (batches[0] != batches[1]).any()


def test_noise_is_fresh_and_uniform():
    split = synthetic_split(64, shape=(16, 16, 1))
    batches = _take(training_batches(split, 64, seed=0), 4)
    noise = batches * 256 - np.floor(batches * 256)
    assert abs(noise.mean() - 0.5) < 0.01 and abs(noise.var() - 1 / 12) < 0.005
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.03


def test_flips_mirror_about_half_of_the_images_and_change_nothing_else():
    split = synthetic_split(200, shape=(2, 6, 1))
    plain, flipped = (
        units.quantize(_take(training_batches(split, 200, seed=1, flips=f), 1)[0])
        for f in (False, True)
    )
    same = (plain == flipped).all(axis=(1, 2, 3))
    mirrored = (plain == flipped[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 70 < same.sum() < 130


def test_evaluation_covers_every_image_once_whatever_the_batch_size():
    split = synthetic_split(23)
    rows = {}
    for batch_size in (5, 23, 100):
        images, weights = zip(
            *evaluation_batches(split, batch_size, seed=2).as_numpy_iterator(), strict=True
        )
        rows[batch_size] = np.concatenate(images)[np.concatenate(weights) > 0]
        assert len({len(i) for i in images}) == 1
        np.testing.assert_array_equal(units.quantize(rows[batch_size]), split.images)
    np.testing.assert_array_equal(rows[5], rows[23])
    np.testing.assert_array_equal(rows[5], rows[100])


def test_evaluation_noise_differs_between_draws_and_spans_blocks():
    split = synthetic_split(1100, shape=(2, 2, 1))
    one, other = (
        np.concatenate([i for i, _ in evaluation_batches(split, 550, 0, d).as_numpy_iterator()])
        for d in (0, 1)
    )
    assert (one != other).mean() > 0.99
    np.testing.assert_array_equal(units.quantize(one), split.images)

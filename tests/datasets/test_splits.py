"""Splits do not depend on the source's order."""

import numpy as np

from tests.helpers import synthetic_split
from tfflowgan.datasets._splits import hold_out, splits_from


def test_splits_do_not_depend_on_the_order_of_the_pool():
    pool, test = synthetic_split(100), synthetic_split(20, seed=1)
    shuffled = pool.take(np.random.default_rng(3).permutation(100))
    one, other = (
        splits_from("x", "a", pool, 30, test),
        splits_from("x", "b", shuffled, 30, test.take(np.arange(19, -1, -1))),
    )
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(one, part).images, getattr(other, part).images)
        np.testing.assert_array_equal(getattr(one, part).labels, getattr(other, part).labels)
    assert one.provenance()["fingerprint"] == other.provenance()["fingerprint"]
    assert (len(one.train), len(one.validation), len(one.test)) == (70, 30, 20)


def test_no_image_is_in_two_splits():
    first, rest = hold_out(synthetic_split(100), 40)
    together = np.concatenate([first.images, rest.images]).reshape(100, -1)
    assert len(np.unique(together, axis=0)) == 100


def test_labels_stay_with_their_images():
    pool = synthetic_split(50)
    first, rest = hold_out(pool, 20)
    for part in (first, rest):
        for image, label in zip(part.images, part.labels, strict=True):
            where = np.flatnonzero((pool.images == image).all(axis=(1, 2, 3)))
            assert label in pool.labels[where]


def test_the_fingerprint_changes_with_one_pixel():
    pool, test = synthetic_split(20), synthetic_split(5)
    before = splits_from("x", "a", pool, 5, test).provenance()["fingerprint"]
    pool.images[3, 0, 0, 0] += 1
    assert splits_from("x", "a", pool, 5, test).provenance()["fingerprint"] != before

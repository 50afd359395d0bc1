"""The order of training images without TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import synthetic_split
from tfflowgan.datasets._training_batches import pixel_batches
from tfflowgan.portable import BatchOrder
from tfflowgan.portable._order import fold_in, shuffled, words

SEEDS = [(0, 0), (3, 5), (-3, 5), (3, -(2**31))]


@pytest.mark.parametrize("seed", SEEDS)
def test_words_seeds_and_shuffles_are_those_of_tensorflow(seed):
    own = tf.random.stateless_uniform([9], seed, None, None, tf.int32, alg="philox").numpy()
    np.testing.assert_array_equal(words(seed, 9), own.view(np.uint32))
    assert fold_in(seed, 7) == tuple(tf.random.fold_in(seed, 7).numpy().tolist())
    for count in (1, 2, 7, 1000):
        theirs = tf.random.experimental.stateless_shuffle(tf.range(count), seed=seed)
        np.testing.assert_array_equal(shuffled(count, seed), theirs.numpy())


@pytest.mark.parametrize("first", [0, 3, 11])
def test_batches_are_those_of_the_input_pipeline(first):
    split = synthetic_split(43)
    rows = BatchOrder(len(split), 8, seed=3)(first, 12)  # 5 steps per epoch
    assert rows.shape == (12, 8)
    for row, (_, pixels) in zip(rows, pixel_batches(split, 8, 3, first), strict=False):
        np.testing.assert_array_equal(split.images[row], pixels.numpy())
    assert BatchOrder(43, 8, 3)(first, 0).shape == (0, 8)

"""Made defects: local, one per image, the same for the same seed."""

import numpy as np
import pytest

from tfflowgan.scoring.corruptions import CORRUPTIONS, corrupted


def _images(channels, side=32, count=20):
    """Smooth pictures with some structure everywhere."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    waves = random.uniform(3, 9, (count, 4, 1, 1, channels))
    x, y = x[..., np.newaxis], y[..., np.newaxis]
    a, b, c, d = waves.transpose(1, 0, 2, 3, 4)
    return (128 + 60 * np.sin(a * x + b * y) + 40 * np.cos(c * x - d * y)).astype(np.uint8)


@pytest.mark.parametrize("kind", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_defect_is_local_and_in_every_image(kind, channels):
    images = _images(channels)
    made = corrupted(images, kind, seed=0)
    assert made.shape == images.shape and made.dtype == np.uint8
    share = (made != images).any(axis=3).mean(axis=(1, 2))
    assert (share > 0).all() and share.mean() < 0.15 and share.max() < 0.35


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_an_images_defect_depends_on_its_place_and_the_seed_alone(kind):
    images = _images(1)
    made = corrupted(images, kind, seed=0)
    np.testing.assert_array_equal(made[:5], corrupted(images[:5], kind, seed=0))
    assert (made != corrupted(images, kind, seed=1)).any()
    same = np.repeat(images[:1], 6, axis=0)
    assert len(np.unique(corrupted(same, kind, seed=0), axis=0)) == 6


@pytest.mark.parametrize("shape", [(1, 4, 4, 1), (1, 9, 31, 3), (0, 8, 8, 1), (1, 300, 200, 3)])
def test_images_of_any_size_are_taken(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for kind in CORRUPTIONS:
        assert corrupted(images, kind, seed=0).shape == shape


def test_an_even_image_cannot_always_differ_but_is_taken():
    even = np.full((2, 16, 16, 1), 7, np.uint8)
    assert (corrupted(even, "blot", seed=0) != even).any()
    np.testing.assert_array_equal(corrupted(even, "smear", seed=0), even)

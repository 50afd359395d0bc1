"""Grids of images."""

import numpy as np
from PIL import Image

from tfflowgan import image_grid


def test_a_grid_shows_each_image_in_its_place():
    images = np.stack([np.full((2, 3, 1), v) for v in (0.0, 0.25, 0.5, 0.75, 0.999)])
    canvas = image_grid.grid(images, columns=3)
    assert canvas.shape == (2 * 3 + 1, 3 * 4 + 1, 1)
    assert [canvas[1 + 3 * (i // 3), 1 + 4 * (i % 3), 0] for i in range(5)] == [
        0,
        64,
        128,
        192,
        255,
    ]
    assert canvas[0].min() == 255


def test_grids_are_square_by_default_and_clip():
    assert image_grid.grid(np.full((10, 4, 4, 3), 7.0)).shape == (3 * 5 + 1, 4 * 5 + 1, 3)


def test_a_picture_can_be_read_back(tmp_path):
    for channels in (1, 3):
        image_grid.save_grid(tmp_path / "x.png", np.zeros((4, 5, 5, channels)), scale=2)
        assert np.asarray(Image.open(tmp_path / "x.png")).shape[:2] == (26, 26)

"""Images written one by one: as PNG files, all or none, and as an array."""

import numpy as np
import pytest
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.images.npy import NpyFile
from tfflowgan.images.png_folder import PngFolder


@pytest.mark.parametrize("channels", [1, 3])
def test_every_pixel_value_comes_back(tmp_path, channels):
    pixels = np.arange(512 * channels).reshape(2, 16, 16, channels) % 256
    with PngFolder(tmp_path / "made", 2) as folder:
        for image in pixels:  # in two parts
            folder.append((image[np.newaxis] + np.float32(0.99)) / 256)
    for i in range(2):
        with Image.open(tmp_path / "made" / f"sample-{i:06d}.png") as picture:
            assert picture.mode == {1: "L", 3: "RGB"}[channels]
            np.testing.assert_array_equal(np.asarray(picture).reshape(16, 16, channels), pixels[i])


def test_values_outside_are_clipped(tmp_path):
    with PngFolder(tmp_path, 1) as folder:
        folder.append(np.array([-0.1, 1.0, 1.2, 0.5], np.float32).reshape(1, 2, 2, 1))
    with Image.open(tmp_path / "sample-000000.png") as picture:
        assert np.asarray(picture).ravel().tolist() == [0, 255, 255, 128]


def test_the_number_of_digits_keeps_the_order_of_many(tmp_path):
    with PngFolder(tmp_path, 10**7 + 1) as folder:
        folder.append(np.zeros((1, 1, 1, 1)))
    assert (tmp_path / "sample-00000000.png").exists()


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_left_of_what_was_interrupted(tmp_path, there):
    path = tmp_path / "made"
    if there:
        path.mkdir()
    with pytest.raises(KeyboardInterrupt), PngFolder(path, 4) as folder:
        folder.append(np.zeros((2, 4, 4, 1)))
        assert len(list(path.iterdir())) == 2
        raise KeyboardInterrupt
    assert path.exists() == there and not list(tmp_path.glob("*/*"))


def test_a_folder_that_holds_something_is_refused_and_untouched(tmp_path):
    (tmp_path / "sample-000000.png").write_text("mine")
    with pytest.raises(UserError, match=f"--folder={tmp_path}.*sample-000000.png"):
        PngFolder(tmp_path, 1)
    assert (tmp_path / "sample-000000.png").read_text() == "mine"
    with pytest.raises(UserError, match="--folder=.*sample-000000.png"):
        PngFolder(tmp_path / "sample-000000.png", 1)


def test_an_array_is_written_whole_or_not_at_all(tmp_path):
    images = np.random.default_rng(0).random((5, 3, 4, 1), np.float32)
    with NpyFile(tmp_path / "a.npy", images.shape) as file:
        for part in (images[:2], images[2:]):
            file.append(part)
    np.save(tmp_path / "b.npy", images)
    written = (tmp_path / "a.npy").read_bytes()
    assert written == (tmp_path / "b.npy").read_bytes()
    with pytest.raises(KeyboardInterrupt), NpyFile(tmp_path / "a.npy", (9, 3, 4, 1)) as file:
        file.append(images)
        raise KeyboardInterrupt
    assert (tmp_path / "a.npy").read_bytes() == written and len(list(tmp_path.iterdir())) == 2

"""Folders and `.npy` files as sets of images that can be compared."""

import logging

import numpy as np
import pytest
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.images import cache
from tfflowgan.images.npy import read_npy
from tfflowgan.images.png_folder import PngFolder
from tfflowgan.images.sets import read_sets


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TFFLOWGAN_CACHE", str(tmp_path_factory.mktemp("cache")))


def _pixels(channels, count=6):
    return np.random.default_rng(channels).integers(0, 256, (count, 6, 8, channels), np.uint8)


def _saved(path, array):
    np.save(path, array)
    return path


def _folder(path, pixels):
    with PngFolder(path, len(pixels)) as folder:
        folder.append((pixels + 0.5) / 256)
    return path


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("image_size", [None, 4])
def test_a_folder_and_arrays_of_the_same_images_are_the_same(tmp_path, channels, image_size):
    pixels = _pixels(channels)
    images = ((pixels + 0.5) / 256).astype(np.float32)
    sets = read_sets(
        {
            "real": _folder(tmp_path / "folder", pixels),
            "generated": _saved(tmp_path / "pixels.npy", pixels),
            "holdout": _saved(tmp_path / "images.npy", images),
        },
        image_size,
    )
    for name in ("generated", "holdout"):
        np.testing.assert_array_equal(sets[name], sets["real"])
    if image_size is None:
        np.testing.assert_array_equal(sets["real"], pixels)


def test_what_does_not_fit_into_memory_stays_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("TFFLOWGAN_MEMORY_GB", "0")
    pixels = _pixels(3)
    as_it_is = read_npy(_saved(tmp_path / "pixels.npy", pixels))
    quantized = read_npy(_saved(tmp_path / "images.npy", pixels / 256))
    for images in (as_it_is, quantized):
        assert isinstance(images, np.memmap)
        np.testing.assert_array_equal(images, pixels)


def test_values_outside_are_clipped_and_said_each_time(tmp_path, caplog, monkeypatch):
    images = np.full((1, 2, 2, 1), 0.5, np.float64)
    images[0, 0] = [[-0.1], [1.1]]
    path = _saved(tmp_path / "a.npy", images)
    with caplog.at_level(logging.INFO, "tfflowgan"):
        for _ in range(2):  # the second time from the cache
            assert read_npy(path).ravel().tolist() == [0, 255, 128, 128]
            monkeypatch.setattr(cache, "scratch", None)
    assert caplog.text.count("0.5 of the values clipped to [0, 1]") == 2


@pytest.mark.parametrize(
    "array, sentence",
    [
        (np.zeros((4, 8, 8, 1), np.int64), "holds int64"),
        (np.zeros((4, 8, 8, 1), object), "a.npy cannot be read"),
        (np.zeros((4, 8, 8), np.uint8), r"shape \[4, 8, 8\].*\[N, H, W, C\]"),
        (np.zeros((4, 8, 8, 4), np.uint8), r"shape \[4, 8, 8, 4\]"),
        (np.zeros((0, 8, 8, 1), np.uint8), r"shape \[0, 8, 8, 1\]"),
        (np.linspace(-1, 1, 64).reshape(1, 8, 8, 1), "25% of its values.*-0.5"),
        (np.linspace(0, 255, 64).reshape(1, 8, 8, 1), "98% of its values.*1.5"),
        (np.array([[[[0.5], [np.nan]]]]), "not finite"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, sentence):
    path = _saved(tmp_path / "a.npy", array)
    with pytest.raises(UserError, match=sentence) as refused:
        read_npy(path)
    assert str(path) in str(refused.value)
    assert not cache.folder().exists() or not list(cache.folder().iterdir())


def test_other_files_are_refused(tmp_path):
    for name in ("a.npz", "a.txt"):
        (tmp_path / name).write_text("no images")
    for name in ("a.npz", "a.txt", "nothing.npy"):
        with pytest.raises(UserError, match=f"--real=.*{name}"):
            read_sets({"real": tmp_path / name})
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY and no more")
    with pytest.raises(UserError, match="bad.npy cannot be read"):
        read_sets({"real": tmp_path / "bad.npy"})


def test_grey_saved_as_rgb_is_compared_as_grey_and_said(tmp_path, caplog):
    grey = _pixels(1)
    paths = {
        "real": _folder(tmp_path / "grey", grey),
        "generated": _folder(tmp_path / "rgb", grey.repeat(3, axis=-1)),
        "holdout": _saved(tmp_path / "rgb.npy", grey.repeat(3, axis=-1)),
    }
    with caplog.at_level(logging.INFO, "tfflowgan"):
        sets = read_sets(paths)
    for images in sets.values():
        np.testing.assert_array_equal(images, grey)
    said = [text for text in caplog.messages if "grey saved as RGB" in text]
    assert len(said) == 2 and not any(str(paths["real"]) in text for text in said)


def test_a_little_colour_is_colour(tmp_path):
    grey = _pixels(1)
    nearly = grey.repeat(3, axis=-1)
    nearly[-1, -1, -1, 2] ^= 1
    for sets in ({"real": grey, "generated": nearly}, {"real": nearly, "generated": grey}):
        paths = {name: _saved(tmp_path / f"{name}.npy", array) for name, array in sets.items()}
        with pytest.raises(UserError, match="--real=.*real.npy.*--generated=.*generated.npy"):
            read_sets(paths)


def test_colour_everywhere_stays(tmp_path):
    Image.new("RGB", (8, 6), (7, 7, 7)).save(tmp_path / "grey_as_rgb.png")
    sets = read_sets({"real": tmp_path, "generated": _saved(tmp_path / "a.npy", _pixels(3))})
    assert sets["real"].shape == (1, 6, 8, 3) and sets["generated"].shape == (6, 6, 8, 3)

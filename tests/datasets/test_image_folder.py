"""Any folder of images."""

import numpy as np
import pytest
from PIL import Image

from tfflowgan import datasets
from tfflowgan.errors import UserError


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    (tmp_path / "sub").mkdir()
    for i in range(20):
        path = tmp_path / ("sub" if i % 2 else ".") / f"{i}.png"
        Image.fromarray(generator.integers(0, 256, (6, 8, 3), np.uint8)).save(path)
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_a_folder_is_split_in_tenths(folder):
    splits = datasets.load("image_folder", str(folder))
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (16, 2, 2)
    assert splits.image_shape == (6, 8, 3)


def test_splits_do_not_depend_on_file_names(folder):
    before = datasets.load("image_folder", str(folder)).provenance()["fingerprint"]
    (folder / "0.png").rename(folder / "zzz.png")
    assert datasets.load("image_folder", str(folder)).provenance()["fingerprint"] == before


def test_image_size_cuts_the_centre_and_resizes(folder):
    assert datasets.load("image_folder", str(folder), image_size=4).image_shape == (4, 4, 3)


def test_grey_images_have_one_channel(folder):
    for path in folder.rglob("*.png"):
        Image.open(path).convert("L").save(path)
    assert datasets.load("image_folder", str(folder)).image_shape == (6, 8, 1)


def test_bad_folders_are_refused_with_the_files_name(folder, tmp_path_factory):
    with pytest.raises(UserError, match="--dataset=image_folder.*--data_dir"):
        datasets.load("image_folder")
    with pytest.raises(UserError, match="empty.*png"):
        datasets.load("image_folder", str(tmp_path_factory.mktemp("empty")))
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "5b.png")
    with pytest.raises(UserError, match="5b.png.*9x9.*0.png.*8x6.*--image_size"):
        datasets.load("image_folder", str(folder))
    Image.fromarray(np.zeros((6, 8), np.uint16)).save(folder / "5b.png")
    with pytest.raises(UserError, match=r"5b.png has more than 8 bits .*I;16"):
        datasets.load("image_folder", str(folder))
    (folder / "5b.png").write_bytes((folder / "0.png").read_bytes()[:60])
    with pytest.raises(UserError, match="5b.png"):
        datasets.load("image_folder", str(folder))


def test_too_few_images_are_refused(folder):
    for path in list(folder.rglob("*.png"))[:11]:
        path.unlink()
    with pytest.raises(UserError, match=r"--data_dir=.*\b9 images.*\b10\b"):
        datasets.load("image_folder", str(folder))

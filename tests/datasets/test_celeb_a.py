"""CelebA's layout, on a tiny generated folder: the real one may not be redistributed."""

import numpy as np
import pytest
from PIL import Image

from tfflowgan import datasets
from tfflowgan.datasets.celeb_a import shrink
from tfflowgan.errors import UserError


@pytest.fixture
def folder(tmp_path):
    """Twelve images: six to train, three to validate, three to test."""
    images = tmp_path / "img_align_celeba"
    images.mkdir()
    lines = []
    for i in range(12):
        name = f"{i + 1:06d}.jpg"
        Image.fromarray(np.full((218, 178, 3), 20 * i, np.uint8)).save(images / name)
        lines.append(f"{name} {max(0, i // 3 - 1)}")
    (tmp_path / "list_eval_partition.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_the_partition_is_celebas_own(folder):
    splits = datasets.load("celeb_a", str(folder))
    assert splits.image_shape == (32, 32, 3)
    assert sorted(splits.train.images[:, 0, 0, 0]) == pytest.approx([0, 20, 40, 60, 80, 100], abs=2)
    assert sorted(splits.validation.images[:, 0, 0, 0]) == pytest.approx([120, 140, 160], abs=2)
    assert sorted(splits.test.images[:, 0, 0, 0]) == pytest.approx([180, 200, 220], abs=2)


def test_another_size_may_be_asked_for(folder):
    assert datasets.load("celeb_a", str(folder), image_size=64).image_shape == (64, 64, 3)


def test_shrink_averages_areas_of_the_centre():
    image = np.zeros((218, 178, 3), np.uint8)
    image[35:183, 15:163] = np.arange(148, dtype=np.uint8)[:, None, None]
    small = shrink(image, 37).numpy()  # each pixel is the mean of four rows
    np.testing.assert_allclose(
        small[:, 5, 1], np.arange(148).reshape(37, 4).mean(axis=1), atol=0.51
    )


def test_bad_files_are_named(folder):
    path = folder / "img_align_celeba" / "000004.jpg"
    Image.fromarray(np.zeros((50, 50, 3), np.uint8)).save(path)
    with pytest.raises(UserError, match="000004.jpg.*178 x 218"):
        datasets.load("celeb_a", str(folder))
    path.write_bytes(b"not a jpeg")
    with pytest.raises(UserError, match="000004.jpg.*178 x 218"):
        datasets.load("celeb_a", str(folder))
    path.unlink()
    with pytest.raises(UserError, match="000004.jpg.*list_eval_partition.txt"):
        datasets.load("celeb_a", str(folder))


def test_kaggles_copy_is_the_same(folder):
    expected = datasets.load("celeb_a", str(folder)).provenance()
    lines = (folder / "list_eval_partition.txt").read_text().split("\n")
    rows = ["image_id,partition", *(line.replace(" ", ",") for line in lines)]
    (folder / "list_eval_partition.csv").write_text("\n".join(rows))
    (folder / "list_eval_partition.txt").unlink()
    (folder / "img_align_celeba").rename(folder / "inner")
    (folder / "img_align_celeba").mkdir()
    (folder / "inner").rename(folder / "img_align_celeba" / "img_align_celeba")
    assert datasets.load("celeb_a", str(folder)).provenance() == expected
    (folder / "list_eval_partition.csv").write_text("\n".join([*rows[:3], "000003.jpg,5"]))
    with pytest.raises(UserError, match="list_eval_partition.csv.*'000003.jpg,5'"):
        datasets.load("celeb_a", str(folder))


def test_a_bad_partition_is_named(folder):
    (folder / "list_eval_partition.txt").write_text("000001.jpg 7\n")
    with pytest.raises(UserError, match="list_eval_partition.txt.*'000001.jpg 7'"):
        datasets.load("celeb_a", str(folder))
    (folder / "list_eval_partition.txt").write_text("000001.jpg 0\n")
    with pytest.raises(UserError, match="list_eval_partition.txt.*validation"):
        datasets.load("celeb_a", str(folder))

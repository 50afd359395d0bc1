"""Any folder of images."""

import numpy as np
import pytest
from PIL import Image

from tfflowgan import datasets
from tfflowgan.config import Config
from tfflowgan.datasets import image_folder
from tfflowgan.datasets._sources import Request
from tfflowgan.errors import UserError
from tfflowgan.evaluation import RunEvaluator
from tfflowgan.runs.load import load_splits
from tfflowgan.runs.run import Run


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
    with pytest.raises(UserError, match="empty.* has no image files"):
        datasets.load("image_folder", str(tmp_path_factory.mktemp("empty")))
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "5b.png")
    with pytest.raises(UserError, match="5b.png.*9x9.*0.png.*8x6.*--image_size"):
        datasets.load("image_folder", str(folder))


def test_too_few_images_are_refused(folder):
    for path in list(folder.rglob("*.png"))[:11]:
        path.unlink()
    with pytest.raises(UserError, match=r"--data_dir=.*\b9 images.*\b10\b"):
        datasets.load("image_folder", str(folder))


def _formerly(folder, limit=None):
    request = Request("image_folder", str(folder), "auto")
    return image_folder.load_formerly(request).first(limit).provenance()["fingerprint"]


@pytest.mark.parametrize("limit", [None, 4])
def test_a_run_of_version_0_1_finds_its_images_again(folder, caplog, limit):
    for i in range(4):
        transparent = Image.new("RGBA", (8, 6), (9, i, 9, 0))
        transparent.save(folder / f"clear{i}.png")
    before = _formerly(folder, limit)
    now = datasets.load("image_folder", str(folder)).first(limit).provenance()["fingerprint"]
    assert before != now
    caplog.clear()
    found = datasets.load_recorded(before, limit, "image_folder", str(folder))
    assert found.provenance()["fingerprint"] == before and "0.1.0" in caplog.text
    caplog.clear()
    for fingerprint in (now, "0" * 16):
        found = datasets.load_recorded(fingerprint, limit, "image_folder", str(folder))
        assert found.provenance()["fingerprint"] == now and "0.1.0" not in caplog.text


def test_plain_files_are_read_as_version_0_1_read_them(folder):
    for i, mode in enumerate(("L", "1", "P", "CMYK", "RGBA")):
        for j, ending in enumerate((".tif", ".png") if mode != "CMYK" else (".tif", ".jpg")):
            with Image.open(folder / f"{2 * i}.png") as picture:
                picture.convert("L").rotate(180 * j).convert(mode).save(folder / f"{mode}{ending}")
    now = datasets.load("image_folder", str(folder)).provenance()["fingerprint"]
    assert now == _formerly(folder)


def test_frames_may_be_refused(folder):
    frames = [Image.new("RGB", (8, 6), (9 * i, 0, 0)) for i in range(5)]
    frames[0].save(folder / "film.gif", save_all=True, append_images=frames[1:])
    assert len(datasets.load("image_folder", str(folder)).train) == 21
    with pytest.raises(UserError, match="--frames=refuse.*film.gif"):
        datasets.load("image_folder", str(folder), frames="refuse")
    with pytest.raises(UserError, match="--frames=first.*all, refuse"):
        datasets.load("image_folder", str(folder), frames="first")
    with pytest.raises(UserError, match="--frames=refuse does not apply to --dataset=mnist"):
        datasets.load("mnist", frames="refuse")


def _keys(split):
    return {image.tobytes() for image in split.images}


def _image(path, number, mode="RGB"):
    """An image, 8 x 6, that no other number has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)).save(path)


@pytest.mark.parametrize("copies", [2, 4, 7])
def test_exact_copies_stay_on_one_side_and_are_counted(tmp_path, caplog, copies):
    caplog.set_level("INFO")
    for i in range(20):
        for j in range(copies):
            _image(tmp_path / f"{i}_{j}.png", i)
    splits = datasets.load("image_folder", str(tmp_path))
    parts = [splits.train, splits.validation, splits.test]
    keys = [_keys(part) for part in parts]
    assert sum(map(len, keys)) == 20 == len(set.union(*keys)) and all(keys)
    assert sum(map(len, parts)) == 20 * copies and 1 <= len(splits.test) <= 2 * copies
    said = f"{20 * (copies - 1)} "
    assert f"{said}images are exact copies" in caplog.text and f"{said}exact" in splits.source


def test_many_copies_of_one_image_are_training_data(folder):
    for i in range(30):
        _image(folder / f"blank{i}.png", 99)
    splits = datasets.load("image_folder", str(folder))
    assert len(_keys(splits.train)) == 11 and len(splits.train) == 40 and len(splits.test) == 5


def test_nine_different_images_are_too_few_however_many_copies(tmp_path):
    for i in range(18):
        _image(tmp_path / f"{i}.png", i // 2)
    with pytest.raises(UserError, match=r"--data_dir=.*\b18 images, 9 without copies.*\b10\b"):
        datasets.load("image_folder", str(tmp_path))
    before = _formerly(tmp_path)  # a run of that time still loads
    found = datasets.load_recorded(before, None, "image_folder", str(tmp_path))
    assert found.provenance()["fingerprint"] == before


def test_sub_folders_are_the_splits(tmp_path, caplog):
    caplog.set_level("INFO")
    for name, numbers in {
        "Train/a": range(12),
        "val": range(12, 15),
        "test": range(15, 19),
    }.items():
        for i in numbers:
            _image(tmp_path / "archive" / name / f"{i}.png", i)
    splits = datasets.load("image_folder", str(tmp_path))
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (12, 3, 4)
    assert "train, validation, test" in splits.source
    assert "12 in train/, 3 in validation/, 4 in test/" in caplog.messages[0]  # before it reads
    for path in (tmp_path / "archive" / "val").iterdir():
        path.unlink()
    splits = datasets.load("image_folder", str(tmp_path))
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (11, 1, 4)


def test_images_that_are_held_out_are_not_training_data_too(tmp_path, caplog):
    for i in range(15):
        _image(tmp_path / "train" / f"{i}.png", i)
    for i in range(13, 20):
        _image(tmp_path / "test" / f"{i}.png", i)
    splits = datasets.load("image_folder", str(tmp_path))
    assert len(splits.test) == 7 and len(splits.train) + len(splits.validation) == 13
    assert "2 images of train/" in caplog.text


def test_images_labelled_as_defects_are_never_training_data(tmp_path, caplog):
    for i in range(20):
        _image(tmp_path / "good" / f"{i}.png", i)
    for i in range(20, 25):
        _image(tmp_path / "defect" / "scratch" / f"{i}.png", i)
    splits = datasets.load("image_folder", str(tmp_path))
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (16, 2, 2)
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "left out: 5 in defect/" in record.message


def test_other_folders_are_listed_before_training(tmp_path, caplog):
    caplog.set_level("INFO")
    for i in range(20):
        _image(tmp_path / ("cats" if i < 8 else "dogs") / "more" / f"{i}.png", i)
    datasets.load("image_folder", str(tmp_path))
    assert "8 in cats/, 12 in dogs/" in caplog.messages[0]


def test_a_folder_larger_than_memory_makes_the_same_splits_and_batches(folder, monkeypatch):
    for i in range(3):
        _image(folder / f"copy{i}.png", 5)
    held = datasets.load("image_folder", str(folder))
    monkeypatch.setenv("TFFLOWGAN_MEMORY_GB", "0")
    for _ in range(2):  # arranged in the order of the splits, and found so
        mapped = datasets.load("image_folder", str(folder))
        assert mapped.provenance() == held.provenance()
        for name in ("train", "validation", "test"):
            assert isinstance(getattr(mapped, name).images, np.memmap)
    pairs = [
        [datasets.training_batches(s.train, 4, seed=1, flips=True).take(9) for s in (held, mapped)],
        [datasets.evaluation_batches(s.train, 4, seed=1) for s in (held, mapped)],
    ]
    for expected, found in pairs:
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one[0], other[0])


def test_a_run_is_recorded_with_the_images_that_it_goes_on_with(folder, tmp_path_factory):
    for i in range(6):
        _image(folder / f"copy{i}.png", 5)
    run = Run.create(tmp_path_factory.mktemp("runs") / "old")
    config = Config(dataset="image_folder", data_dir=str(folder))
    former = image_folder.load_formerly(Request("image_folder", str(folder)))
    run.record(config, former)
    run.check_data(load_splits(config, run.data()))
    with pytest.raises(UserError, match="other images"):
        run.check_data(load_splits(config))
    evaluated = RunEvaluator(run).splits
    np.testing.assert_array_equal(evaluated.test.images, former.test.images)

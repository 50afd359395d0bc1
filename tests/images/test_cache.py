"""Decoded pixels are kept, found again, limited in size, and done without."""

import os

import numpy as np
import pytest
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.images import cache, folder, memory, read

GIB = 2**30


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TFFLOWGAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "images"


def make(path, count=6, side=8):
    path.mkdir()
    for i in range(count):
        pixels = np.random.default_rng(i).integers(0, 256, (side, side, 3), np.uint8)
        Image.fromarray(pixels).save(path / f"{i}.png")
    return path


@pytest.fixture
def photos(tmp_path):
    return make(tmp_path / "photos")


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that are decoded from now on."""
    names, pictures = [], read.pictures
    monkeypatch.setattr(read, "pictures", lambda path: (names.append(path.name), pictures(path))[1])
    return names


def test_a_folder_is_decoded_once(photos, decoded, caplog):
    caplog.set_level("INFO")
    (photos / "bad.png").write_bytes((photos / "0.png").read_bytes()[:60])
    before = folder.read_folder(photos)
    assert len(decoded) == 7 and "decoded before" not in caplog.text
    caplog.clear()
    (photos / "more.txt").touch()
    after = folder.read_folder(photos)
    assert len(decoded) == 7 and "decoded before" in caplog.text
    assert "bad.png (" in caplog.text and "1 .txt" in caplog.text  # is still said
    np.testing.assert_array_equal(before.images, after.images)
    np.testing.assert_array_equal(before.digests, after.digests)
    assert before.paths == after.paths and before.summary.done == after.summary.done


def test_it_is_decoded_again_for_other_files_or_another_reading(photos, decoded):
    Image.new("RGB", (8, 8)).save(photos / "6.bmp")
    folder.read_folder(photos)
    folder.read_folder(photos, image_size=4)
    assert len(decoded) == 14
    before = (photos / "6.bmp").stat()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(photos / "6.bmp")  # of the same size and time
    os.utime(photos / "6.bmp", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (folder.read_folder(photos).images[6] == (1, 2, 3)).all() and len(decoded) == 21
    (photos / "5.png").rename(photos / "9.png")
    assert folder.read_folder(photos).paths[-1].name == "9.png"


def test_a_damaged_entry_is_made_anew(photos, decoded, cache_folder):
    images = folder.read_folder(photos).images
    for damage in (lambda f: f.write_bytes(b"\0"), lambda f: f.unlink()):
        for name in ("pixels.raw", "entry.json"):
            (path,) = cache_folder.glob(f"*/{name}")
            damage(path)
            np.testing.assert_array_equal(folder.read_folder(photos).images, images)
    assert len(decoded) == 6 * 5


def test_nothing_is_written_beside_the_images(photos, cache_folder):
    before = sorted(photos.rglob("*"))
    folder.read_folder(photos)
    assert sorted(photos.rglob("*")) == before
    assert len(list(cache_folder.iterdir())) == 1  # no half-written folder


@pytest.mark.parametrize("fault", ["no folder", "full", "no entry", "too small"])
def test_a_cache_that_cannot_be_written_is_done_without_and_said(
    photos, tmp_path, monkeypatch, caplog, fault
):
    def fail(*_):
        raise OSError(28, "No space left on device")

    expected = folder.read_folder(photos).images
    monkeypatch.setenv("TFFLOWGAN_CACHE", str(tmp_path / "other"))
    if fault == "no folder":
        (tmp_path / "other").touch()
    elif fault == "full":  # after four images
        monkeypatch.setattr(cache, "limit", iter([1, 1, *[GIB] * 4, *[1] * 99]).__next__)
    elif fault == "no entry":
        monkeypatch.setattr(cache, "keep", fail)
    else:
        monkeypatch.setenv("TFFLOWGAN_CACHE_GB", str(500 / GIB))
    np.testing.assert_array_equal(folder.read_folder(photos).images, expected)
    (said,) = [r.message for r in caplog.records if "decoded anew" in r.message]
    assert str(tmp_path / "other") in said
    assert fault == "no folder" or not list((tmp_path / "other" / "images").iterdir())


def test_no_cache_at_all_can_be_asked_for(photos, decoded, monkeypatch, cache_folder, caplog):
    monkeypatch.setenv("TFFLOWGAN_CACHE_GB", "0")
    folder.read_folder(photos)
    folder.read_folder(photos)
    assert len(decoded) == 12 and not cache_folder.exists() and not caplog.records


def test_the_entries_used_least_recently_make_room(tmp_path, monkeypatch, decoded):
    folders = [make(tmp_path / name) for name in "abc"]
    monkeypatch.setenv("TFFLOWGAN_CACHE_GB", str(2.5 * 6 * 192 / GIB))
    for i, path in enumerate((folders[0], folders[1], folders[0], folders[2])):
        folder.read_folder(path)
        for entry in cache.folder().glob("*/entry.json"):  # clocks are coarse
            os.utime(entry, ns=(0, entry.stat().st_mtime_ns - 10**9 * (4 - i)))
    decoded.clear()
    for path in (folders[0], folders[2]):
        folder.read_folder(path)
    assert not decoded
    folder.read_folder(folders[1])
    assert len(decoded) == 6


def test_images_that_do_not_fit_into_memory_stay_on_disk(photos, monkeypatch):
    held = folder.read_folder(photos)
    assert not isinstance(held.images, np.memmap)
    monkeypatch.setenv("TFFLOWGAN_MEMORY_GB", "0")
    found = folder.read_folder(photos)
    assert isinstance(found.images, np.memmap)
    order = np.array([3, 1, 5, 0, 2, 4])
    arranged = found.arranged(order)
    assert isinstance(arranged.images, np.memmap)
    again = folder.read_folder(photos)
    for one in (arranged, again):
        np.testing.assert_array_equal(one.images, held.images[order])
        assert [path.name for path in one.paths] == [f"{i}.png" for i in order]
    np.testing.assert_array_equal(again.digests, held.digests[order])
    assert len(list(cache.folder().iterdir())) == 1  # the file in another order is gone
    backwards = again.arranged(np.arange(6)[::-1])
    np.testing.assert_array_equal(backwards.images, held.images[order[::-1]])
    assert len(list(cache.folder().iterdir())) == 1


def test_too_many_images_without_a_cache_are_refused(photos, monkeypatch):
    monkeypatch.setenv("TFFLOWGAN_MEMORY_GB", str(192 / GIB))
    monkeypatch.setenv("TFFLOWGAN_CACHE_GB", "0")
    with pytest.raises(UserError, match="TFFLOWGAN_CACHE.*--image_size"):
        folder.read_folder(photos)


def test_what_another_process_keeps_meanwhile_is_not_mistaken_for_ones_own(monkeypatch):
    new = cache.scratch()
    (new / cache.PIXELS).write_bytes(bytes(6))
    other = cache.Entry(np.zeros((2, 1, 1, 3), np.uint8), {"paths": ["other"]})
    monkeypatch.setattr(cache, "read", lambda name: other)
    with pytest.raises(OSError, match="another program"):
        cache.keep("key", new, (2, 1, 1, 3), {"paths": ["own"]})
    other.notes["paths"] = ["own"]
    (new / cache.PIXELS).parent.mkdir()
    (new / cache.PIXELS).write_bytes(bytes(6))
    assert cache.keep("key", new, (2, 1, 1, 3), {"paths": ("own",)}) is other


@pytest.mark.parametrize("variable", ["TFFLOWGAN_MEMORY_GB", "TFFLOWGAN_CACHE_GB"])
def test_a_size_that_is_no_number_is_refused(photos, monkeypatch, variable):
    monkeypatch.setenv(variable, "much")
    with pytest.raises(UserError, match=f"{variable}=much"):
        folder.read_folder(photos)


def test_the_share_of_memory_is_part_of_what_there_is():
    assert 2**26 < memory.share() < 2**44

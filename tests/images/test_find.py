"""Which files of a folder are images, and what is said of the others."""

import os

import pytest
from PIL import Image

from tfflowgan.images.find import find


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (2, 2)).save(path)


def names(found):
    return [str(path.relative_to(found.folder)) for path in found.files]


def test_links_are_followed_and_loops_end(tmp_path):
    data = tmp_path / "data"
    picture(data / "cats" / "0.png")
    picture(tmp_path / "store" / "0.png")
    (data / "dogs").symlink_to(tmp_path / "store")
    (data / "single.png").symlink_to(tmp_path / "store" / "0.png")
    (data / "cats" / "up").symlink_to(data)
    (data / "broken.png").symlink_to(tmp_path / "nowhere.png")
    found = find(data)
    assert names(found) == ["cats/0.png", "dogs/0.png", "single.png"]
    assert found.left_out == {"link to a folder that is read already": 1, "broken link": 1}


def test_the_path_without_links_is_taken(tmp_path):
    picture(tmp_path / "z" / "0.png")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    assert names(find(tmp_path)) == ["z/0.png"]


def test_hidden_parts_of_a_path_are_skipped_and_counted(tmp_path):
    folder = tmp_path / ".cache" / "photos"
    for name in ("a.png", ".b.png", ".git/c.png", "sub/.thumbnails/d/e.png"):
        picture(folder / name)
    found = find(folder)
    assert names(found) == ["a.png"] and found.left_out == {"hidden": 3}


def test_other_files_are_counted_by_their_endings(tmp_path):
    picture(tmp_path / "a.PNG")
    for name in ("b.heic", "c.HEIC", "notes.txt", "README", "paper.eps"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.png")
    found = find(tmp_path)
    assert names(found) == ["a.PNG"]
    assert found.left_out == {
        ".heic": 2,
        ".txt": 1,
        "without an ending": 1,
        ".eps": 1,
        "special file": 1,
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_is_named(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    assert find(tmp_path).unreadable.keys() == {tmp_path / "closed"}

"""A folder as one array, and what is said of it."""

import numpy as np
import pytest
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.images import read
from tfflowgan.images.folder import read_folder


@pytest.fixture
def folder(tmp_path):
    """Twelve images in colour, 8 x 6."""
    generator = np.random.default_rng(0)
    for i in range(12):
        pixels = generator.integers(0, 256, (6, 8, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i:02d}.png")
    return tmp_path


def test_images_and_their_files_are_in_order_of_the_names(folder):
    found = read_folder(folder)
    assert found.images.shape == (12, 6, 8, 3) and found.summary.count == 12
    assert [path.name for path in found.paths] == [f"{i:02d}.png" for i in range(12)]
    np.testing.assert_array_equal(found.images[7], np.asarray(Image.open(folder / "07.png")))


def test_all_that_was_left_out_is_said_in_one_message(folder, caplog):
    for name in ("a.heic", "b.heic", "notes.txt"):
        (folder / name).touch()
    (folder / "bad.png").write_bytes(b"no image")
    cut = (folder / "00.png").read_bytes()[:80]
    (folder / "sub").mkdir()
    (folder / "sub" / "cut.png").write_bytes(cut)
    assert len(read_folder(folder).images) == 12
    (message,) = caplog.messages
    for part in (
        "12 images",
        '2 .heic (pip install "tfflowgan[heic]")',
        "1 .txt",
        "2 unreadable",
        "bad.png (",
    ):
        assert part in message
    assert "sub/cut.png (" in message and caplog.records[0].levelname == "WARNING"


def test_what_was_done_to_images_is_counted(folder, caplog):
    caplog.set_level("INFO")
    Image.new("RGBA", (8, 6), (0, 0, 0, 0)).save(folder / "a.png")
    Image.new("L", (8, 6)).save(folder / "b.png")
    Image.fromarray(np.zeros((6, 8), np.uint16)).save(folder / "c.png")
    summary = read_folder(folder).summary
    assert summary.done == {"transparent": 1, "deep": 1} and summary.grey == 2
    for part in ("15 images", "1 with transparency composited on white", "1 of more", "2 grey"):
        assert part in caplog.text
    assert not summary.left_out and caplog.records[0].levelname == "INFO"


def test_grey_among_colour_is_the_same_grey(folder):
    Image.new("L", (8, 6), 77).save(folder / "a.png")
    assert (read_folder(folder).images[-1] == 77).all()
    for path in folder.glob("[01]*.png"):
        path.unlink()
    assert read_folder(folder).images.shape == (1, 6, 8, 1)


def test_frames_are_all_taken_or_all_refused(folder, caplog):
    caplog.set_level("INFO")
    frames = [Image.new("RGB", (8, 6), (9 * i, 0, 0)) for i in range(5)]
    for name in ("stack.tif", "film.gif"):
        frames[0].save(folder / name, save_all=True, append_images=frames[1:])
    assert len(read_folder(folder).images) == 22 and "10 frames" in caplog.text
    with pytest.raises(UserError, match="--frames=refuse.*film.gif.*stack.tif.*--frames=all"):
        read_folder(folder, frames="refuse")


def test_all_sizes_that_differ_are_named(folder):
    Image.new("RGB", (9, 9)).save(folder / "05b.png")
    Image.new("RGB", (4, 5)).save(folder / "zz.png")
    with pytest.raises(UserError, match="05b.png is 9x9.*zz.png is 4x5.*00.png.*8x6.*--image_size"):
        read_folder(folder)
    assert read_folder(folder, image_size=3).images.shape == (14, 3, 3, 3)


def test_a_folder_of_many_sizes_is_refused_early_and_briefly(folder, monkeypatch):
    for i in range(200):
        Image.new("RGB", (20 + i, 9)).save(folder / f"{100 + i}.png")
    names, pictures = [], read.pictures
    monkeypatch.setattr(read, "pictures", lambda path: (names.append(path.name), pictures(path))[1])
    with pytest.raises(UserError, match="100.png is 20x9.*--image_size") as caught:
        read_folder(folder)
    assert len(names) < 150 and str(caught.value).count(".png") <= 21


def test_a_folder_without_images_says_what_it_has(tmp_path):
    (tmp_path / "a.heic").touch()
    (tmp_path / "b.png").write_bytes(b"")
    with pytest.raises(UserError, match="no image files.*1 .heic.*b.png"):
        read_folder(tmp_path)

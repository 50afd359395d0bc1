"""One file is one image, whether it is read for training, for bin/compare, the demo or the client.

The demo's model takes a picture that is opened already, so `Shown.pixels` needs no model here.
"""

import sys
import types

import numpy as np
import pytest
from PIL import Image

from tfflowgan.client import WrongInput, read_images
from tfflowgan.errors import SetupError


@pytest.fixture
def folder(tmp_path):
    """Files that used to be read in several ways."""
    stroke = np.zeros((28, 28), np.uint8)
    stroke[6:22, 12:16] = 255
    colour = np.dstack([stroke, stroke // 2, np.full_like(stroke, 200), stroke])
    Image.fromarray(colour).save(tmp_path / "clear.png")
    grey = Image.merge("LA", [Image.new("L", (28, 28), 90), Image.fromarray(stroke)])
    grey.save(tmp_path / "clear_grey.png")
    Image.fromarray(stroke.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(colour[..., :3]).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    return tmp_path


@pytest.mark.parametrize("channels", [1, 3])
def test_a_file_is_one_image_everywhere(folder, channels):
    from tfflowgan.datasets.image_folder import read_folder
    from tfflowgan.demo._model import Shown
    from tfflowgan.images.sets import read_sets

    paths = sorted(folder.iterdir())
    sent = read_images(paths, (28, 28, channels))
    shown = types.SimpleNamespace(image_shape=(28, 28, channels))
    demo = []
    for path in paths:
        with Image.open(path) as picture:
            demo.append(Shown.pixels(shown, picture))
    np.testing.assert_array_equal(demo, sent)
    if channels == 3:
        np.testing.assert_array_equal(read_folder(folder), sent)
        compared = read_sets({"real": folder, "generated": folder}, 28)
        np.testing.assert_array_equal(compared["real"], sent)
    assert (sent[0][0, 0] == 255).all()  # transparent, so white
    assert sent[2].min() == 0 and sent[2].max() == 255


def test_all_files_that_the_client_cannot_send_are_named(folder):
    (folder / "bad.png").write_bytes(b"")
    frames = [Image.new("L", (4, 4), i) for i in range(3)]
    frames[0].save(folder / "stack.tif", save_all=True, append_images=frames[1:])
    names = [folder / name for name in ("bad.png", "deep.png", "stack.tif", "none.png")]
    with pytest.raises(WrongInput, match=r"\b3 of.*bad.png.*stack.tif \(has 3.*none.png"):
        read_images(names, (28, 28, 1))
    with pytest.raises(WrongInput, match=r"image_shape=\(28, 28\)"):
        read_images(names, (28, 28))
    with pytest.raises(WrongInput, match="paths"):
        read_images([], (28, 28, 1))


def test_a_client_without_pillow_says_what_to_install(folder, monkeypatch):
    for name in [n for n in sys.modules if n.startswith(("PIL", "tfflowgan.images."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delattr("tfflowgan.images.read", raising=False)
    monkeypatch.delattr("tfflowgan.images.formats", raising=False)
    with pytest.raises(SetupError, match="read_images.*pip install pillow"):
        read_images([folder / "deep.png"], (28, 28, 1))

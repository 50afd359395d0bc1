"""What the page does with files and with two models of different images, without a browser."""

import types

import numpy as np
import PIL.Image
import pytest

from tests.helpers import small_flow
from tfflowgan import demo
from tfflowgan.cli import demo as cli
from tfflowgan.demo import _page
from tfflowgan.demo._model import Shown
from tfflowgan.errors import UserError
from tfflowgan.serving import saved_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, shape in (("grey", (8, 6, 1)), ("colour", (4, 4, 3))):
        saved_model.export(small_flow("nice", shape, logit_alpha=0.05), folder / name)
    return {name: Shown(folder / name) for name in ("grey", "colour")}


def _photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "photo.png")
    return str(tmp_path / "photo.png")


def test_each_model_sees_a_photo_in_its_own_size_and_colours(models, tmp_path):
    path = _photo(tmp_path)
    for model in models.values():
        text = _page._score(model, path, False)[0]
        with PIL.Image.open(path) as picture:
            bits = model.bits_per_dim(model.pixels(picture))
        assert f"{bits:.3f} bits/dim" in text
        assert _page._pixels(model, path, False).shape == model.image_shape


def test_only_grey_models_are_asked_whether_to_invert(models, tmp_path):
    for names, visible in ((["grey"], True), (["colour"], False), (["grey", "colour"], True)):
        assert _page._invert([models[name] for name in names]).visible == visible
    path = _photo(tmp_path)
    for name, inverted in (("grey", True), ("colour", False)):
        as_it_is, other = (_page._pixels(models[name], path, invert) for invert in (False, True))
        np.testing.assert_array_equal(other, 255 - as_it_is if inverted else as_it_is)


def test_models_of_different_images_are_said_not_to_compare(models):
    head = _page._head(list(models.values()))
    assert "8 x 6 grey" in head and "4 x 4 colour" in head and "do not compare" in head
    assert "compare" not in _page._head([models["grey"], models["grey"]])


def test_a_file_without_a_single_picture_is_refused(models, tmp_path):
    frames = [PIL.Image.new("L", (8, 8), i) for i in range(3)]
    frames[0].save(tmp_path / "film.tif", save_all=True, append_images=frames[1:])
    (tmp_path / "text.png").write_text("no picture")
    for name, reason in (("film.tif", "3 frames"), ("text.png", "not an image")):
        with pytest.raises(UserError, match=reason):
            _page._pixels(models["grey"], str(tmp_path / name), False)


@pytest.mark.parametrize("host, warned", [("127.0.0.1", 0), ("localhost", 0), ("0.0.0.0", 1)])
def test_whoever_lets_others_in_is_warned(host, warned, monkeypatch, caplog):
    served = []
    monkeypatch.setattr(demo, "Shown", lambda path: types.SimpleNamespace(name=path))
    monkeypatch.setattr(demo, "page", lambda models: None)
    monkeypatch.setattr(demo, "launch", lambda *arguments: served.append(arguments))
    cli._demo({"models": "a", "host": host, "port": 7860, "browser": False})
    assert served[0][1:3] == (host, 7860) and "http://" in served[0][-1]
    assert caplog.text.count(f"--host={host}") == warned


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(UserError, match="--host=192.0.2.1"):
        cli._loopback("192.0.2.1")

"""Pictures of where an image is unlikely."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests.helpers import quick_first
from tests.scoring import made
from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.scoring import maps, scores
from tfflowgan.scoring.maps import Maps
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.rows import Scorer, Settings


@pytest.mark.parametrize("name", quick_first(["nice", "nvp", "real_nvp"]))
def test_the_map_of_an_image_adds_up_to_its_nll(name):
    batch = Batch(made.measure(name), made.pixels(3))
    found = scores.load("likelihood").pixel_map(batch, {})
    bits = units.bits_per_dim(-found.sum(axis=(1, 2)), 192)
    np.testing.assert_allclose(bits, batch.bits_per_dim, rtol=1e-12)


def test_the_map_of_a_flow_shows_where_a_pixel_has_changed():
    """In NICE without couplings a term is that of its own value."""
    from tfflowgan import flows

    measure = made.Measure(
        flows.build("nice", made.SHAPE, couplings=0, prior="normal", logit_alpha=None), 2
    )
    images = np.full((2, *made.SHAPE), 10, np.uint8)
    images[1, 5, 2] = 255
    before, after = scores.load("likelihood").pixel_map(Batch(measure, images), {})
    changed = after - before
    assert np.unravel_index(changed.argmax(), changed.shape) == (5, 2)
    assert changed[5, 2] > 1.4 and np.abs(np.delete(changed.ravel(), 5 * 8 + 2)).max() < 0.01
    assert measure.in_place


def test_a_picture_has_the_image_its_map_and_the_scale():
    pixels, values = made.pixels(1)[0], np.linspace(0, 1, 64).reshape(8, 8)
    picture = np.asarray(maps.picture(pixels, values, 0.2, 0.8, "text"))
    assert picture.shape == (256 + 34, 2 * 256 + 8, 3)
    np.testing.assert_array_equal(picture[:256:32, :256:32], pixels)
    right = picture[:256:32, 264::32].astype(int).sum(axis=-1)
    assert (right[:1] == right[0, 0]).all() and (right[-1] == right[-1, -1]).all()  # clipped
    assert right[-1, -1] > right[4, 4] > right[0, 0]
    assert picture[256:].min() == 0  # there is text


@pytest.mark.parametrize(("of", "count"), [("all", 3), ("flagged", 1)])
def test_pictures_lie_as_the_images_do(tmp_path, of, count):
    model, images = made.model(), made.pixels(3, seed=7)
    bits = Batch(model.measure, images).bits_per_dim
    images, (usual, unusual) = images[np.argsort(-bits)], np.sort(bits)[1:]
    held_out = {"likelihood": np.full(50, (usual + unusual) / 2)}  # below one of the three
    model = dataclasses.replace(
        model, reference=dataclasses.replace(model.reference, held_out=held_out)
    )
    paths = made.write(tmp_path / "photos" / "deep", images)
    roots = (("images", str(tmp_path / "photos")),)
    drawn = Maps(str(tmp_path / "maps"), of, roots)
    settings = Settings("made", score="likelihood", maps=drawn)
    rows, _ = Scorer(settings, model)(paths)
    assert [row["flag"] for row in rows] == [True, False, False]
    found = sorted((tmp_path / "maps").rglob("*.png"))
    assert len(found) == count and found[0] == tmp_path / "maps" / "deep" / "000.png.png"
    with Image.open(found[0]) as picture:
        assert picture.size == (520, 290)


def test_two_folders_have_a_folder_each():
    found = Maps("maps", "all", (("images", "a"), ("unusual", "b/c")))
    assert found.place("a/x.jpg").as_posix() == "maps/images/x.jpg.png"
    assert found.place("b/c/d/x.gif#2").as_posix() == "maps/unusual/d/x.gif#2.png"


def test_a_score_without_a_map_shows_that_of_likelihood():
    assert maps.mapped("complexity") == maps.mapped("likelihood") == "likelihood"


def test_where_pictures_cannot_be_written_is_said(tmp_path):
    (tmp_path / "maps").write_text("a file")
    roots = (("images", str(tmp_path)),)
    settings = Settings("made", maps=Maps(str(tmp_path / "maps"), "all", roots))
    paths = made.write(tmp_path / "photos", made.pixels(1))
    with pytest.raises(UserError, match="--maps.*maps"):
        Scorer(settings, made.model())(paths)


def test_long_names_are_cut_and_stay_apart(tmp_path):
    found = Maps(str(tmp_path), "all", (("images", "a"),))
    names = ["\u00e9" * 120 + end for end in ("1.png", "2.png")]
    first, second = (found.place(f"a/{name}") for name in names)
    assert first != second and max(len(p.name.encode()) for p in (first, second)) < 230
    assert found.place("a/" + "x" * 190).name == "x" * 190 + ".png"


def test_a_folder_that_cannot_be_written_is_refused_first(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="--maps=.*file"):
        Maps(str(tmp_path / "file"), "all", ()).check()
    Maps(str(tmp_path / "new" / "maps"), "all", ()).check()
    assert not list((tmp_path / "new" / "maps").iterdir())

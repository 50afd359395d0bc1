"""What the page shows, without a browser."""

import shutil

import numpy as np
import PIL.Image
import pytest

from tests.helpers import small_flow
from tests.serving import models
from tfflowgan import generators, model_versions, units
from tfflowgan.demo._model import Shown, between
from tfflowgan.errors import UserError
from tfflowgan.serving import model_card, saved_model

pytestmark = pytest.mark.slow

SHAPE = (6, 4, 1)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    flow = small_flow("nice", SHAPE, logit_alpha=0.05)
    folder = tmp_path_factory.mktemp("models") / "small"
    saved_model.export(flow, folder)
    histogram = {"edges": [1.0, 2.0, 4.0], "counts": [30, 10]}
    histograms = {"train": histogram, "test": histogram}
    model_card.write(
        folder,
        {
            "version": 1,
            "sha256": model_versions.digest(folder / "1"),
            "bits_per_dim_histogram": histograms,
        },
    )
    return flow, folder


@pytest.fixture
def shown(exported):
    return Shown(exported[1])


@pytest.mark.slow
def test_samples_are_those_of_the_flow(shown, exported):
    images, bits = shown.sample(5, seed=2, temperature=0.7)
    expected, log_prob = exported[0].sample_and_log_prob(5, 2, 0.7)
    np.testing.assert_allclose(images, expected, rtol=1e-4, atol=1e-5)
    assert bits == pytest.approx(units.bits_per_dim(log_prob.numpy(), 24).mean(), rel=1e-5)


@pytest.mark.slow
def test_bits_per_dim_are_those_of_the_flow(shown, exported):
    pixels = np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8)
    noise = np.random.default_rng(1).random((4000, *SHAPE))
    log_prob = exported[0].log_prob(((pixels + noise) / 256).astype(np.float32)).numpy()
    expected = units.bits_per_dim(log_prob, 24)
    assert shown.bits_per_dim(pixels) == pytest.approx(
        models.bits_per_dim(exported[0], pixels[np.newaxis], np.zeros(1, np.int64))[0], rel=1e-5
    )
    assert abs(shown.bits_per_dim(pixels) - expected.mean()) < 3 * expected.std() / 8**0.5


def test_everything_kept_comes_back_and_ends_of_an_interpolation_are_the_images(shown):
    first, second = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), np.uint8)
    for made in shown.reconstruct(first, 1.0, 3, seed=0):
        np.testing.assert_array_equal(units.quantize(made), first)
    for great_circle in (False, True):
        way = shown.interpolate(first, second, 5, great_circle)
        assert way.shape == (5, *SHAPE)
        np.testing.assert_array_equal(units.quantize(way[0]), first)
        np.testing.assert_array_equal(units.quantize(way[-1]), second)


def test_a_great_circle_keeps_the_length_and_turns_evenly():
    a, b = np.array([2.0, 0.0, 0.0]), np.array([0.0, 2.0, 0.0])
    way = between(a, b, np.array([0, 1 / 3, 1]), True)
    np.testing.assert_allclose(way, [[2, 0, 0], [3**0.5, 1, 0], [0, 2, 0]], atol=1e-12)
    longer = between(a, 2 * b, np.array([0.5]), True)
    np.testing.assert_allclose(longer, [[3 / 2**0.5, 3 / 2**0.5, 0]])
    np.testing.assert_allclose(between(a, b, np.array([0.5]), False), [[1, 1, 0]])


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.0])
def test_latents_on_one_line_are_joined_straight(factor):
    a = np.array([1.0, 2.0])
    way = between(a, factor * a, np.array([0.0, 0.5, 1.0]), True)
    np.testing.assert_allclose(way, [a, (1 + factor) / 2 * a, factor * a], atol=1e-12)


def test_ranks_follow_the_card(shown):
    for bits, share in ((0.5, 0.0), (1.5, 0.375), (2.0, 0.75), (3.0, 0.875), (9.0, 1.0)):
        assert shown.rank(bits, "train") == pytest.approx(share)


@pytest.mark.slow
def test_a_card_of_another_version_is_not_used(exported, tmp_path):
    path = saved_model.export(exported[0], tmp_path)
    assert Shown(tmp_path).histogram is None and Shown(tmp_path).rank(1.0, "test") is None
    other = model_card.read(exported[1])
    model_card.write(tmp_path, other | {"sha256": "0" * 64})
    assert Shown(tmp_path).histogram is None
    model_card.write(tmp_path, other | {"sha256": model_versions.digest(path)})
    assert Shown(tmp_path).histogram == other["bits_per_dim_histogram"]
    for histograms in (
        {"train": {"edges": [0, 1], "counts": [1]}},
        [],
        {part: {"edges": [0], "counts": []} for part in ("train", "test")},
    ):
        model_card.write(
            tmp_path, {"sha256": model_versions.digest(path), "bits_per_dim_histogram": histograms}
        )
        assert Shown(tmp_path).histogram is None


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pictures_without_a_known_range_are_refused(shown, mode):
    with pytest.raises(UserError, match=f"mode {mode} has no known range"):
        shown.pixels(PIL.Image.new(mode, (8, 8)))


def test_damaged_models_are_refused(tmp_path, exported):
    damaged = tmp_path / "damaged" / "1"
    shutil.copytree(exported[1] / "1", damaged)
    shutil.rmtree(damaged / "variables")
    with pytest.raises(UserError, match="damaged/1"):
        Shown(damaged)
    for content in (b"", (damaged / "saved_model.pb").read_bytes()[:1000]):
        (damaged / "saved_model.pb").write_bytes(content)
        with pytest.raises(UserError, match="damaged/1/saved_model.pb"):
            Shown(damaged)


@pytest.mark.slow
def test_versions_may_have_leading_zeros(exported, tmp_path):
    shutil.copytree(exported[1] / "1", tmp_path / "0007")
    assert Shown(tmp_path).name == tmp_path.name
    saved_model.load(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "LA", "CMYK"])
def test_pictures_of_any_kind_and_size_are_made_to_fit(shown, mode):
    picture = PIL.Image.new(mode, (80, 40))
    assert shown.pixels(picture).shape == SHAPE and shown.pixels(picture).dtype == np.uint8


def test_the_middle_of_a_picture_is_taken_and_can_be_inverted(shown):
    wide = np.zeros((60, 400), np.uint8)
    wide[:, 180:220] = 200
    pixels = shown.pixels(PIL.Image.fromarray(wide))
    assert (pixels == 200).all()
    assert (shown.pixels(PIL.Image.fromarray(wide), invert=True) == 55).all()
    clear = PIL.Image.new("RGBA", (4, 6), (0, 0, 0, 0))
    assert (shown.pixels(clear) == 255).all()  # what is transparent is white


def test_sixteen_bits_are_scaled_not_cut(shown):
    picture = PIL.Image.fromarray(np.full((6, 4), 128 * 257, np.uint16))
    assert (shown.pixels(picture) == 128).all()


def test_what_is_no_flow_is_refused(tmp_path):
    with pytest.raises(UserError, match=f"{tmp_path}.*saved_model.pb"):
        Shown(tmp_path)
    saved_model.export(generators.build("dcgan", (4, 4, 1), width=4), tmp_path)
    with pytest.raises(UserError, match="--models=.*log_prob.*bin/export"):
        Shown(tmp_path)

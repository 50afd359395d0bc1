"""What every score must do; a new file in `tfflowgan/scoring/scores/` is tested by being there."""

import types

import numpy as np
import pytest

from tests.scoring import made
from tfflowgan.scoring import scores
from tfflowgan.scoring.measurements import Batch

NAMES = scores.names()


@pytest.fixture(scope="module")
def measure():
    return made.measure("nvp")


def fitted(name, measure, images):
    """What a score learns from images, taken in batches of one pass."""
    fit = scores.load(name).fit
    if fit is None:
        return {}
    fit = fit()
    for batch in measure.batches(images):
        fit.update(batch)
    return fit.result()


def test_the_scores_are_found():
    assert {"likelihood", "typicality", "complexity"} <= {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_score_is_a_finite_number_per_image_that_other_images_do_not_change(name, measure):
    images, score = made.pixels(5), scores.load(name)
    learned = fitted(name, measure, made.pixels(40, seed=1))
    whole = score.score(Batch(measure, images), learned)
    assert whole.shape == (5,) and whole.dtype == np.float64 and np.isfinite(whole).all()
    assert len({*whole}) == 5
    alone = score.score(Batch(measure, images[3:4]), learned)
    np.testing.assert_array_equal(alone, whole[3:4])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_score_learns_does_not_grow_with_the_images(name, measure):
    few, many = (fitted(name, measure, made.pixels(n, seed=1)) for n in (10, 100))
    assert {k: np.shape(v) for k, v in few.items()} == {k: np.shape(v) for k, v in many.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_map_has_a_finite_number_per_pixel(name, measure):
    score = scores.load(name)
    if score.pixel_map is None:
        pytest.skip(f"{name} has no map")
    learned = fitted(name, measure, made.pixels(40, seed=1))
    found = score.pixel_map(Batch(measure, made.pixels(4)), learned)
    assert found.shape == (4, *made.SHAPE[:2]) and np.isfinite(found).all()


@pytest.mark.parametrize("name", NAMES)
def test_noise_is_more_unusual_than_training_images_to_most_scores(name):
    model = made.model()
    noise = Batch(model.measure, made.pixels(10, seed=5))
    if name == "complexity":
        pytest.skip("noise is complex, and its score can be low")
    values = scores.load(name).score(noise, model.reference.fitted.get(name, {}))
    assert values.mean() > model.reference.train[name].mean()


def test_typicality_is_the_distance_from_the_mean(measure):
    batch = Batch(measure, made.pixels(4))
    found = scores.load("typicality").score(batch, {"mean": np.array(3.0)})
    np.testing.assert_allclose(found, np.abs(batch.bits_per_dim - 3.0))
    learned = fitted("typicality", measure, batch.images)
    assert float(learned["mean"]) == pytest.approx(batch.bits_per_dim.mean())


def test_complexity_is_lower_for_what_is_hard_to_compress():
    from tfflowgan.scoring.scores.complexity import png_bits_per_dim

    flat, noise = np.zeros((1, 32, 32, 3), np.uint8), made.pixels(1, (32, 32, 3))
    assert png_bits_per_dim(flat) < 0.4 and 8.0 < png_bits_per_dim(noise) < 8.6
    assert png_bits_per_dim(noise[..., :1]) < 8.9


def test_local_is_the_worst_place_compared_with_what_is_usual_there(measure):
    fit, images = scores.load("local").fit(), made.pixels(50, seed=1)
    bits = []
    for batch in measure.batches(images):
        fit.update(batch)
        bits.append(8 + batch.terms.mean(axis=(1, 4)) / np.log(2))
    bits, found = np.concatenate(bits), fit.result()
    np.testing.assert_allclose(found["mean"], bits.mean(axis=0), rtol=1e-5)
    deviation = bits.std(axis=0)
    least = 0.1 * np.median(deviation)
    np.testing.assert_allclose(found["deviation"], np.maximum(deviation, least), rtol=1e-4)
    np.testing.assert_allclose(bits.mean(axis=(1, 2))[:5], Batch(measure, images[:5]).bits_per_dim)
    terms = np.zeros((2, 3, 8, 8, 3))
    terms[0, :, 3, 6] = 5.0
    usual = {"mean": np.full((8, 8), 8.0), "deviation": np.ones((8, 8))}
    batch, local = types.SimpleNamespace(terms=terms), scores.load("local")
    places = local.pixel_map(batch, usual)
    assert np.unravel_index(places[0].argmax(), (8, 8)) == (3, 6)
    assert places[1].max() == 0.0 and local.score(batch, usual).tolist() == [places[0].max(), 0.0]
    wide = local.pixel_map(batch, usual | {"deviation": np.full((8, 8), 2.0)})
    np.testing.assert_allclose(2 * wide, places)

"""Scores of images in memory."""

import numpy as np
import pytest

from tests.helpers import synthetic_splits
from tests.scoring import made
from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.scoring import map_images, reference_from, score_images, scores


@pytest.fixture(scope="module")
def flow():
    return made.measure().flow


@pytest.fixture(scope="module")
def reference(flow):
    splits = synthetic_splits(40, made.SHAPE)
    return reference_from(flow, splits.train.images, splits.test.images, draws=3)


def test_every_column_has_a_value_per_image(flow, reference):
    found = score_images(flow, made.pixels(4), "likelihood", reference=reference)
    assert {"bits_per_dim", "standard_error", "percentile", "flag"} <= {*found}
    assert {*scores.names()} - {"likelihood"} <= {*found}
    assert all(len(values) == 4 for values in found.values())
    limit = np.quantile(reference.held_out["likelihood"], 0.99, method="inverted_cdf")
    np.testing.assert_array_equal(found["flag"], found["bits_per_dim"] > limit)
    expected = reference.percentile("likelihood", found["bits_per_dim"])
    np.testing.assert_array_equal(found["percentile"], expected)


def test_the_score_decides_percentile_and_flag(flow, reference):
    splits = synthetic_splits(40, made.SHAPE)
    for name in scores.names():
        found = score_images(flow, splits.train.images, name, 50.0, reference)
        assert found["percentile"].mean() == pytest.approx(50.0)
        assert 0.1 < found["flag"].mean() < 0.9


def test_images_may_come_one_by_one(flow, reference):
    whole = score_images(flow, made.pixels(4), reference=reference)
    single = score_images(flow, iter(made.pixels(4)), reference=reference)
    for name, values in whole.items():
        np.testing.assert_array_equal(single[name], values)


def test_without_a_reference_bits_per_dim_are_known(flow):
    found = score_images(flow, made.pixels(2))
    assert np.isfinite(found["bits_per_dim"]).all() and np.isnan(found["percentile"]).all()
    assert list(found["flag"]) == [None, None]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"score": "nothing"}, "--score=nothing"),
        ({"threshold": 0.0}, "--threshold=0"),
        ({"images": made.pixels(2).astype(np.float32)}, "float32.*uint8"),
        ({"images": made.pixels(2, (4, 4, 1))}, r"\(4, 4, 1\).*\(8, 8, 3\)"),
        ({"images": []}, "no image"),
        ({"model": "/nowhere"}, "/nowhere"),
    ],
)
def test_what_cannot_be_is_refused(flow, arguments, match):
    with pytest.raises(UserError, match=match):
        score_images(**{"model": flow, "images": made.pixels(2)} | arguments)


def test_a_reference_of_other_weights_is_refused(reference):
    with pytest.raises(UserError, match="other weights"):
        score_images(made.measure("nvp").flow, made.pixels(1), reference=reference)


def test_maps_are_those_of_the_scores(flow, reference):
    images = made.pixels(3)
    nll = map_images(flow, images, "likelihood", reference)
    bits = score_images(flow, images, reference=reference)["bits_per_dim"]
    dims = int(np.prod(made.SHAPE))
    np.testing.assert_allclose(units.bits_per_dim(-nll.sum(axis=(1, 2)), dims), bits)
    local = map_images(flow, iter(images), "local", reference)
    columns = score_images(flow, images, "local", reference=reference)
    np.testing.assert_allclose(local.max(axis=(1, 2)), columns["local"])
    np.testing.assert_array_equal(map_images(flow, images, "complexity", reference), nll)
    assert map_images(flow, images[:0], reference=reference).shape == (0, *made.SHAPE[:2])
    with pytest.raises(UserError, match="--score=local"):
        map_images(flow, images, "local")


@pytest.mark.parametrize("given", [{"draws": 5}, {"seed": 1}])
def test_other_noise_than_the_references_is_refused(flow, reference, given):
    (name, value), *_ = given.items()
    with pytest.raises(UserError, match=f"{name}={value}"):
        score_images(flow, made.pixels(1), reference=reference, **given)

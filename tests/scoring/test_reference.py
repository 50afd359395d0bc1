"""What a model knows of its own images."""

import dataclasses

import numpy as np
import pytest

from tests.helpers import synthetic_splits
from tests.scoring import made
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.images import read
from tfflowgan.scoring import reference, scores
from tfflowgan.scoring.measurements import Batch


@pytest.fixture(scope="module")
def found():
    return made.model().reference


def test_it_has_every_score_of_its_own_images(found):
    splits = synthetic_splits(40, made.SHAPE)
    batch = Batch(made.measure(), splits.train.images)
    for name in scores.names():
        expected = scores.load(name).score(batch, found.fitted.get(name, {}))
        np.testing.assert_allclose(found.train[name], expected, rtol=1e-12)
        assert len(found.held_out[name]) == 80  # validation and test
    held_out = Batch(made.measure(), splits.validation.images).bits_per_dim
    np.testing.assert_array_equal(found.held_out["likelihood"][:40], held_out)


def test_it_comes_back_from_its_file_and_is_the_same_bytes_again(found, tmp_path):
    found.save(tmp_path / "r.npz")
    again = reference.from_file(tmp_path / "r.npz")
    assert again.settings == found.settings and again.ranges == found.ranges
    np.testing.assert_array_equal(again.train["complexity"], found.train["complexity"])
    assert again.key() == found.key() and again.fitted["typicality"] == found.fitted["typicality"]
    assert [p.name for p in tmp_path.iterdir()] == ["r.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_a_damaged_file_is_no_reference(found, tmp_path, content):
    path = tmp_path / "r.npz"
    path.write_bytes(found.to_bytes()[:2000] if content is None else content)
    assert reference.from_file(path) is None and reference.from_file(tmp_path / "no.npz") is None


def test_another_format_is_no_reference(found, tmp_path):
    settings = found.settings | {"format": 0}
    dataclasses.replace(found, settings=settings).save(tmp_path / "r.npz")
    assert reference.from_file(tmp_path / "r.npz") is None


def test_percentiles_are_shares_of_training_images(found):
    values = np.sort(found.train["likelihood"])
    middle = (values[9] + values[10]) / 2
    asked = np.array([values[0] - 1, middle, values[-1] + 1, values[0]])
    np.testing.assert_allclose(found.percentile("likelihood", asked), [0, 25, 100, 1.25])


def test_more_images_than_the_limit_are_drawn_by_the_seed():
    splits = synthetic_splits(40, made.SHAPE)
    few = reference.from_splits(made.measure(), splits, limit=10)
    assert len(few.train["likelihood"]) == len(few.held_out["likelihood"]) == 10
    assert few.settings["counts"] == {"train": 10, "held_out": 10}
    all_of_them = made.model().reference.train["likelihood"]
    assert {*few.train["likelihood"]} < {*all_of_them}
    assert list(few.train["likelihood"]) != list(all_of_them[:10])


def test_weights_and_background_must_be_the_same(found, monkeypatch):
    found.check(made.measure().flow, "here")
    with pytest.raises(UserError, match="here.*bin/export"):
        found.check(made.measure("nvp").flow, "here")
    monkeypatch.setattr(read, "BACKGROUND", "black")
    with pytest.raises(UserError, match="here.*white.*black"):
        found.check(made.measure().flow, "here")


def test_without_held_out_images_there_is_none():
    splits = synthetic_splits(8, made.SHAPE)
    nothing = splits.test.first(0)
    alone = Splits("alone", "made", splits.train, nothing, nothing)
    with pytest.raises(UserError, match="made has no validation or test"):
        reference.from_splits(made.measure(), alone)


def test_the_colours_of_maps_are_those_of_training_images(found):
    (low, high), train = found.ranges["likelihood"], synthetic_splits(40, made.SHAPE).train.images
    maps = scores.load("likelihood").pixel_map(Batch(made.measure(), train), {})
    assert low < np.median(maps) < high and 0.9 < (maps <= high).mean() < 1.0

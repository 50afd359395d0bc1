"""The choice of a score on made defects, by scores whose outcome is known."""

import copy

import numpy as np
import pytest

from tests.scoring import made
from tfflowgan.errors import UserError
from tfflowgan.scoring import choice, models, reference
from tfflowgan.scoring.corruptions import CORRUPTIONS
from tfflowgan.scoring.scores import Score


def _score(name, function):
    return Score(
        name, lambda batch, fitted: function(batch.images.astype(float)), None, None, False
    )


def _even(count=30, shape=(16, 16, 3)):
    """Images whose sum of differences tells a defect, as long as it is no mere move of pixels."""
    images = np.zeros((count, *shape), np.uint8)
    images[:, 4:12, 4:12] = 90
    images[:, 7:9, 5:11] = 200
    return images


def test_the_score_that_sees_defects_is_chosen():
    good = _even()
    scores = {
        "blind": _score("blind", lambda x: np.zeros(len(x))),
        "seeing": _score("seeing", lambda x: np.abs(x - good[0]).sum(axis=(1, 2, 3))),
        "reversed": _score("reversed", lambda x: -np.abs(x - good[0]).sum(axis=(1, 2, 3))),
    }
    fitted = {name: {} for name in scores}
    found = choice.choose(good, made.measure(), scores, fitted)
    assert found.score == "seeing" and found.count == 30
    assert {*found.aurocs["seeing"]} == {*CORRUPTIONS}
    assert found.mean("seeing") > 0.95 and found.mean("reversed") < 0.05
    assert set(found.aurocs["blind"].values()) == {0.5}
    assert "seeing" in found.sentence() and "0.500" in found.sentence()


def test_a_score_that_is_not_a_number_counts_as_unusual_and_no_more_than_the_limit_is_read():
    seen = []

    def broken(x):
        seen.append(len(x))
        return np.full(len(x), np.nan)

    scores = {"broken": _score("broken", broken)}
    found = choice.choose(_even(choice.LIMIT + 5), made.measure(), scores, {"broken": {}})
    assert found.mean("broken") == 0.5 and found.count == choice.LIMIT
    assert sum(seen) == choice.LIMIT * (1 + len(CORRUPTIONS))


def test_images_of_other_channels_have_no_made_defects():
    found = choice.choose(np.zeros((3, 4, 4, 2), np.uint8), made.measure(), {}, {})
    assert (found.score, found.count) == ("likelihood", 0) and "likelihood" in found.sentence()


def test_a_reference_keeps_the_choice(tmp_path):
    model = made.model()
    path = tmp_path / "scoring.npz"
    model.reference.save(path)
    kept = reference.from_file(path)
    assert kept.choice == model.reference.choice
    assert kept.to_bytes() == model.reference.to_bytes()
    assert model.score() == kept.choice.score and model.score("typicality") == "typicality"
    assert models.Model(model.measure, None).score() == "likelihood"


def test_a_score_that_the_model_does_not_allow_is_refused():
    measure = made.measure()
    with pytest.raises(UserError, match="--score=nothing"):
        models.Model(measure, None).score("nothing")
    without = copy.copy(measure)
    without.in_place = False
    with pytest.raises(UserError, match="--score=local"):
        models.Model(without, None).score("local")

"""Whether an adversary has trained, and what becomes of claims that rest on it."""

import math

import pytest

from papers.claims import Claim
from papers.trained import resting, untrained
from tests.papers.made import flat, made


def _run(*scores):
    return made([{"step": i, "mode_score": score} for i, score in enumerate(scores)])


MLE = made(flat(6.0))


def test_an_adversary_that_is_level_and_above_mle_has_trained():
    assert untrained("ADV", made(flat(7.0)), MLE) is None
    noisy = _run(1, 2, 3, 4, 5, 6, 6.5, 7.4, 7.2, 6.9)
    assert untrained("ADV", noisy, MLE) is None  # 6.95, then 7.05, each +- 0.2 to 0.5


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ((1, 2, 3, 4, 5, 6, 7.0, 7.1, 7.8, 7.9), r"still rises \(7.05, then 7.85\)"),
        ((5.0,) * 10, r"below that of MLE \(5.00, MLE 6.00\)"),
        ((1, 1, 1, 1, 1, 1, 2.0, 2.0, 3.0, 3.0), "still rises .* and its score is below"),
        ((7.0,) * 8 + (None, 7.0), "not all of its samples are finite"),
        ((7.0,) * 9, "too few scores"),
        ((), "too few scores"),
    ],
)
def test_one_that_has_not_says_why(scores, reason):
    said = untrained("ADV", _run(*scores), MLE)
    with pytest.raises(ValueError, match=reason):
        raise ValueError(said)


def test_without_mle_only_the_curve_counts():
    assert untrained("ADV", made(flat(1.0)), None) is None


def test_every_seed_must_have_trained():
    run = made(flat(7.0), seeds=[made(flat(5.0))])
    assert "below that of MLE" in (untrained("ADV", run, MLE) or "")


def test_a_claim_that_rests_on_it_is_open_and_says_why():
    claim = Claim("it is so", True, "7 > 6")
    assert resting(claim, None, None) is claim
    opened = resting(claim, None, "ADV has not trained")
    assert opened.holds is None and opened.ours == "7 > 6; ADV has not trained"


def test_a_score_that_is_not_a_number_is_none():
    assert math.isnan(_run(None).curve("mode_score")[1][0])

"""Whether an adversary has trained, and what becomes of claims that rest on it."""

import math

import numpy as np
import pytest

from papers import trained
from papers.claims import Claim
from papers.recipes import RECIPES
from papers.trained import resting, untrained
from tests.papers.made import flat, made

MLE = made(flat(6.0))
NOISE = np.random.default_rng(0).standard_normal(20)
IMAGES = {"mnist": 50_000, "cifar10": 45_000}


def _run(*scores):
    return made([{"step": i, "mode_score": score} for i, score in enumerate(scores)])


def _ending(before, last, spread=0.0):
    """Twenty readings, the last two fifths of which have these means."""
    noise = spread * np.array([-1.0, 1.0, -1.0, 1.0])
    return _run(*np.linspace(1.0, 5.0, 12), *(before + noise), *(last + noise))


def test_an_adversary_that_is_level_and_above_mle_has_trained():
    assert untrained("ADV", made(flat(7.0)), MLE) is None
    assert untrained("ADV", _ending(6.95, 7.05, spread=0.1), MLE) is None
    assert untrained("ADV", _ending(8.0, 7.0, spread=0.1), MLE) is None


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (_ending(7.05, 7.85, 0.1), r"its score still rises \(7.05, then 7.85\)"),
        # 0.1 +- 0.40 (Welch's t of six degrees of freedom), and 5 % are 0.35
        (_ending(6.9, 7.0, 0.2), r"not shown to be level .*; a rise of -0.30 to \+0.50\)"),
        (_ending(5.0, 5.0, 0.01), r"below that of MLE \(5.00, MLE 6.00\)"),
        (_ending(2.0, 3.0, 0.1), "still rises .* and its score is below"),
        (_run(*(7.0,) * 18, None, 7.0), "not all of its samples are finite"),
        (_run(*(7.0,) * 19), "too few scores"),
        (_run(), "too few scores"),
    ],
)
def test_one_that_has_not_says_why(run, reason):
    said = untrained("ADV", run, MLE)
    with pytest.raises(ValueError, match=reason):
        raise ValueError(said)


def test_a_rise_of_less_than_a_twentieth_of_the_score_counts_as_none():
    assert untrained("ADV", _ending(6.70, 7.0), MLE) is None
    assert "still rises" in (untrained("ADV", _ending(6.60, 7.0), MLE) or "")


def test_noise_alone_does_not_show_that_a_score_is_level():
    """A score that rises by a tenth, with so much noise that the rise cannot be seen."""
    hidden = _run(*np.linspace(1.0, 5.0, 12), *(7.0 + 2.0 * NOISE[:4]), *(7.7 + 2.0 * NOISE[4:8]))
    assert "not shown to be level" in (untrained("ADV", hidden, None) or "")


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


ADVERSARIES = [
    *("mnist_nice_adv", "mnist_nice_adv_from_mle", "mnist_dcgan_wasserstein", "mnist_dcgan_js"),
    *("cifar10_real_nvp_adv", "cifar10_real_nvp_adv_from_mle"),
    *("cifar10_dcgan_wasserstein", "cifar10_dcgan_js"),
]


@pytest.mark.parametrize("name", ADVERSARIES)
def test_a_recipe_reads_the_score_often_enough(name):
    flags = RECIPES[name].flags["laptop"]
    steps = IMAGES[flags["dataset"]] // flags["batch_size"] * flags["epochs"]
    assert steps // flags["monitor_steps"] // 5 >= trained._LEAST


def test_the_adversary_on_cifar10_is_longer_than_the_one_that_did_not_suffice():
    flags = RECIPES["cifar10_real_nvp_adv"].flags["laptop"]
    assert 45_000 // flags["batch_size"] * flags["epochs"] >= 2 * 1_124

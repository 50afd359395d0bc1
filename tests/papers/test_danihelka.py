"""What Danihelka et al.'s artefacts say of made runs: a claim holds where the numbers are so, and
falls where they are not.
"""

import importlib

import numpy as np
import pytest
from PIL import Image

from papers import artefact
from tests.papers.danihelka import (  # noqa: F401
    FAR,
    LIKELIHOOD,
    NEAR,
    NOISE,
    adversary,
    at,
    latents,
    without_pictures,
)
from tests.papers.made import (
    Made,
    both,
    claims,
    critics,
    likelihood,
    made,
    mean,
    nats,
    spectrum,
)


def test_depth_and_overfitting_under_likelihood():
    rows = both([nats(7), nats(5)], [nats(7), nats(5)])

    def said(train, *validation):
        """Of 400 images each, with standard deviation 0.5: two errors of a gap are 0.07."""
        return claims(
            "danihelka/figure4",
            {
                f"NVP{i}": made(rows, results=likelihood(v + NOISE / 2, train + NOISE[::-1] / 2))
                for i, v in enumerate(validation, start=1)
            },
        )

    assert said(4.0, 5.0, 4.5, 4.2) == [True, True, True]
    assert said(5.0, 4.95, 5.2, 5.2) == [False, None, None]  # image by image
    assert said(5.0, 4.5, 4.5, 4.4) == [None, False, False]
    # twice as many images are held out: two errors of their gap are 2.4 of a mean's, not 2.8
    higher = 5.0 + 2.65 * (NOISE / 2).std(ddof=1) / 20
    assert said(5.0, higher, higher, higher)[1:] == [None, True]


def _under_wgan(name, rows, bits, distance=NEAR, train=None):
    run = adversary(rows, bits, distance, train)
    return claims(name, {"NVP1": run, "NVP1, MLE": made(results=critics(FAR))})


def test_densities_under_wgan():
    rising = both([nats(9), nats(99)], [nats(9), nats(100)])
    many = 100.0 + NOISE
    assert _under_wgan("danihelka/figure5", rising, many) == [True, True, True]
    unknown = both([nats(9), None], [nats(9), None])  # beyond what float64 holds
    assert _under_wgan("danihelka/figure5", unknown, many) == [True, True, True]
    falling = both([nats(9), nats(4)], [nats(9), nats(7)])
    found = _under_wgan("danihelka/figure13", falling, 7.0 + NOISE, train=4.0 + NOISE)
    assert found == [False, False, False]


def test_densities_are_judged_by_medians_and_whole_distributions():
    rising = both([nats(9), nats(99)], [nats(9), nats(100)])
    outlier = np.append(10.0 + NOISE, 1e12)  # whose mean is far over 16 bits/dim
    assert _under_wgan("danihelka/figure5", rising, outlier)[0] is False
    assert _under_wgan("danihelka/figure5", rising, 16.0 + NOISE)[0] is None
    same = _under_wgan("danihelka/figure5", rising, outlier, train=np.append(10.0 + NOISE, 1e3))
    assert same[2] is True  # whatever the means are
    few = NOISE[:40]  # too few to say that distributions are alike
    assert _under_wgan("danihelka/figure5", rising, few, train=few)[2] is None


@pytest.mark.parametrize("distance", [FAR, 0.9, 0.6999])
def test_claims_about_an_adversary_that_has_not_trained_are_open(distance):
    rising = both([nats(9), nats(99)], [nats(9), nats(100)])
    run = made(rising, critics(distance, seed=1) | likelihood(100.0 + NOISE))
    runs = {"NVP1": run, "NVP1, MLE": LIKELIHOOD}
    assert claims("danihelka/figure5", runs) == [None] * 3
    runs = {"NVP3, WGAN": run, "NVP3, MLE": LIKELIHOOD}
    assert claims("danihelka/figure6", runs) == [None] * 4
    text = artefact.load("danihelka/figure6").render(runs).claims[0].ours
    assert "; open: no nearer to test images" in text and "NVP3, WGAN 0." in text
    assert "against 0.7000 +- 0.00" in text


def test_one_depth_that_has_trained_can_refute_but_not_show():
    falling = both([nats(9), nats(4)], [nats(9), nats(7)])
    runs = {
        "NVP1": adversary(falling, 7.0 + NOISE),
        "NVP2": adversary(falling, 100.0 + NOISE, 0.9),
        "NVP1, MLE": made(results=critics(FAR)),
        "NVP2, MLE": made(results=critics(FAR)),
    }
    assert claims("danihelka/figure5", runs)[:2] == [False, False]
    text = artefact.load("danihelka/figure5").render(runs).claims[0].ours
    assert "open" not in text
    assert "; NVP2 has not trained and does not count (NVP2 0.9000 " in text
    runs["NVP1"] = adversary(falling, 100.0 + NOISE)
    assert claims("danihelka/figure5", runs)[:2] == [None, False]


@pytest.mark.parametrize(
    ("bits", "distance", "holds"),
    [(900, NEAR, True), (6, NEAR, False), (800, NEAR, None), (900, 0.9, None)],
)
def test_the_js_gan_diverges_or_not(bits, distance, holds):
    rows = both([1, 1], [nats(5), nats(900)])
    runs = {
        "NVP1, JS": adversary(rows, bits + NOISE, distance),
        "NVP1, JS, non-saturating": adversary(rows, bits + NOISE, distance),
        "NVP1, MLE": made(rows, results=critics(FAR) | likelihood(5.0 + NOISE)),
    }
    assert claims("danihelka/jensen_shannon", runs) == [holds, holds]
    found = artefact.load("danihelka/jensen_shannon").render(runs).claims
    assert [claim.paper for claim in found] == [True, False]


@pytest.mark.parametrize(
    ("both_together", "distance", "holds"),
    [
        (5.3, NEAR, [True, True]),
        (60, NEAR, [False, False]),
        (5.5, NEAR, [None, True]),
        (5.3, FAR, [None, None]),
    ],
)
def test_both_objectives_together(both_together, distance, holds):
    rows = both([0, 0], [nats(9), nats(9)])
    noise = 0.1 * NOISE[::-1]  # single images differ too
    runs = {
        "MLE": adversary(rows, 5.0 + NOISE, FAR),
        "MLE + WGAN": adversary(rows, both_together + noise + NOISE, distance),
        "WGAN": adversary(rows, 50.0 + NOISE, distance),
    }
    assert claims("danihelka/figure16", runs) == holds


def _distances(train, validation, test):
    names = ("independent_train", "independent_validation", "independent_test")
    rows = [{"step": i} | dict.fromkeys(names, 0.5) for i in range(4)]
    return made(rows, results=critics(test, train, validation))


def test_distances_of_depths_and_splits():
    runs = {f"NVP{i}, MLE": _distances(0.5 - i / 10, 0.7 - i / 10, 0.6 - i / 10) for i in (1, 2, 3)}
    runs |= {f"NVP{i}, WGAN": _distances(0.1, 0.24, 0.2) for i in (1, 2, 3)}
    assert claims("danihelka/figure9", runs) == [True] * 5
    far = _distances(0.1, 0.7, 0.65)
    assert claims("danihelka/figure9", runs | {"NVP3, WGAN": far}) == [
        *(True, True),
        *(None, None),  # an adversary that has not trained says nothing
        True,
    ]
    runs["NVP3, WGAN"] = _distances(0.21, 0.29, 0.2)
    runs["NVP1, MLE"] = _distances(0.6, 0.3, 0.35)
    assert claims("danihelka/figure14", runs) == [False] * 5
    assert not any(claim.paper for claim in artefact.load("danihelka/figure14").render(runs).claims)


def test_distances_that_are_closer_than_their_errors_settle_nothing():
    runs = {
        f"NVP{i}, {kind}": made(
            _distances(1, 1, 1).rows,
            results=critics(0.5 - j / 10, validation=0.5 - j / 10 + i / 1e5, spread=0.01),
        )
        for i in (1, 2, 3)
        for j, kind in enumerate(("MLE", "WGAN"))
    }
    found = claims("danihelka/figure9", runs)
    assert found[1] is found[3] is found[4] is None and found[2] is True
    apart = runs | {
        "NVP3, WGAN": made(runs["NVP1, MLE"].rows, results=critics(0.4, validation=0.445))
    }
    apart["NVP1, WGAN"] = made(runs["NVP1, MLE"].rows, results=critics(0.4, validation=0.4))
    assert claims("danihelka/figure9", apart)[2] is False  # by 0.045 of 0.445


def test_runs_are_compared_by_the_same_critics_alone():
    module = importlib.import_module("papers.danihelka._critics")
    one, other = made(results=critics(0.5, spread=0.1)), made(results=critics(0.4, spread=0.1))
    for run in (one, other):
        run.__dict__["needs"] = {module.NEED.key}
    difference = module.farther(one, other)  # what both runs share is not in the error
    assert difference["value"] == pytest.approx(0.1) and difference["standard_error"] < 1e-9
    other.result("critic_distance", "last")["critic"]["seeds"] = [7, 8, 9]
    with pytest.raises(ValueError, match="different critics"):
        module.farther(one, other)


def _two_steps(values):
    def run(value, seed):
        parts = ("train", "validation", "test")
        rows = [{"step": i} | {f"independent_{p}": 1.0 for p in parts} for i in range(8)]
        config = {"seed": seed, "critic": str(values)}
        return made(rows, critics(value, validation=value), config=config)

    first, *others = [run(value, seed) for seed, value in enumerate(values)]
    return made(first.rows, first.results, config=first.config, seeds=others)


def test_the_fast_learning_critic_is_better_in_the_mean_over_seeds():
    fast, behind = [1.0, 1.1, 0.9], [2.0, 2.2, 1.9]

    def said(fast, dcgan, mle=9.0, control=None):
        runs = {"fast learning": _two_steps(fast), "DCGAN": _two_steps(dcgan), "MLE": at(mle)}
        if control:
            runs["DCGAN with a free bias"] = _two_steps(control)
        return claims("danihelka/figure12", runs)

    assert said(fast, behind) == [True, True]  # seed by seed
    assert said(fast, [0.5, 0.6, 0.4]) == [False, False]
    assert said(fast, [0.5, 0.6, 0.4], mle=0.55) == [False, None]  # neither has come near
    assert said([1.0, 1.01, 0.99], [1.01, 1.0, 1.0]) == [None, False]  # as near, within the error
    assert said([1, 2, 3], [3, 2, 1]) == [None, None]
    assert said([1.0, 1.0, 1.0], [1.05, 1.06, 1.05]) == [True, False]  # nearer, by 5 %
    assert said([1], [2]) == [None, None]  # a single seed settles nothing
    assert said(fast, behind, control=[1.5, 1.7, 1.4]) == [True, True, True]
    assert said(fast, behind, control=[1.1, 1.0, 1.0]) == [True, True, None]


def test_ranks_by_likelihood_and_wgan():
    runs = {"MLE": spectrum(-1, 0, -4000), "WGAN": spectrum(-9, 0, -9000)}
    for run, log_det in zip(runs.values(), (-4000.0, -9000.0), strict=True):
        run.results["likelihood"] = {
            "identity": {"mean_log_det": log_det},
            "own_samples": {"nll": mean(0.0, 9.0)},
        }
    distances = {"MLE": critics(FAR), "WGAN": critics(NEAR)}

    def said(**found):
        for label, run in found.items():
            run.results.update(distances[label])
        return claims("danihelka/figure17", found)

    assert said(**runs) == [True, True]
    assert said(MLE=runs["WGAN"], WGAN=runs["MLE"]) == [False, False]
    distances["WGAN"] = critics(FAR)
    assert said(**runs) == [None, None]


@pytest.mark.parametrize(
    ("own", "holds"), [(-1.12, True), (0.5, False), (0.0, None), ((-1.0, 9.0), None)]
)
def test_own_samples_at_negative_bits(own, holds):
    samples = 0.01 * NOISE + own if np.isscalar(own) else np.append(NOISE * 0.01 - 1.0, [9e3])
    results = likelihood(99.0 + NOISE, own=samples) | critics(NEAR)
    results["likelihood"]["identity"] = {"difference": mean(0.0)}
    by_likelihood = likelihood(5.0 + NOISE, own=5.2 + NOISE) | critics(FAR)
    by_likelihood["likelihood"]["identity"] = {"difference": mean(0.0)}
    runs = {"NVP3, MLE": made(results=by_likelihood), "NVP3, WGAN": made(results=results)}
    assert claims("danihelka/own_samples", runs) == [True, holds, True]
    found = artefact.load("danihelka/own_samples").render(runs).claims
    assert [claim.same_as for claim in found] == [None, None, "danihelka/figure5"]


def test_latents_of_images_are_like_the_prior_or_wide(monkeypatch):
    module = artefact.load("danihelka/figure7")
    for part in ("table", "figure", "notes"):
        monkeypatch.setattr(module.drawn, part, lambda results: [])

    def said(mle, wgan):
        return claims("danihelka/figure7", {"MLE": mle, "WGAN": wgan})

    prior = latents(0.05, 1.05, distance=FAR)
    assert said(prior, latents(0.02, 3.95)) == [True, True]
    assert said(latents(1.6, 1.0, distance=FAR), latents(0.02, 1.1)) == [False, False]
    lost = latents(0.02, 1000.0, own=900.0)  # by an inverse that is lost
    assert said(prior, lost) == [True, None]
    assert said(prior, latents(0.02, 3.95, distance=FAR)) == [True, None]


@pytest.mark.parametrize(
    ("mle", "wgan", "distance", "holds"),
    [
        ((97, 99), (-99, None), NEAR, [True, True]),
        ((0, 0), (95, 99), NEAR, [False, False]),
        ((96, 99), (84, -999), NEAR, [None, None]),  # at the limits of 100 -+ 4 and 100 - 16
        ((97, 99), (-99, -999), FAR, [True, None]),
    ],
)
def test_reconstructions_are_as_likely_as_samples_or_not(
    mle, wgan, distance, holds, monkeypatch, tmp_path
):
    module = artefact.load("danihelka/figure8")
    Image.new("L", (40, 12)).save(tmp_path / "grid.png")
    monkeypatch.setattr(Made, "picture", lambda self, key, caption: tmp_path / "grid.png")
    monkeypatch.setattr(module.drawn, "table", lambda results: None)
    monkeypatch.setattr(module.drawn, "notes", lambda results: [])

    def values(middle):
        return np.full(200, -np.inf) if middle is None else np.append(middle + NOISE, -1e20)

    runs = {}
    for label, (first, second) in (("MLE", mle), ("WGAN", wgan)):
        arrays = {"first": values(first), "second": values(second), "0": values(100.0)}
        results = {"reconstruction": {"arrays": arrays}}
        runs[label] = made(results=results | critics(distance if label == "WGAN" else FAR))
    assert claims("danihelka/figure8", runs) == holds


@pytest.mark.parametrize(
    ("least", "holds"), [(51.0, True), (6.0, False), (-1.0, False), (np.inf, True)]
)
def test_a_histogram_of_which_every_image_is_bad(least, holds):
    bits = 60.0 + NOISE
    train = np.append(bits, least)
    runs = {"NVP3, WGAN": adversary([], bits, train=train), "NVP3, MLE": LIKELIHOOD}
    assert claims("danihelka/figure6", runs) == [True, True, True, holds]
    numbers = artefact.load("danihelka/figure6").render(runs).numbers
    assert numbers["below_uniform"]["train"] == (401 if holds else 400)
    assert numbers["median"]["train"] == pytest.approx(np.median(train))


def test_a_histogram_of_training_images_that_differs():
    def said(train):
        runs = {"NVP3, WGAN": adversary([], 60.0 + NOISE, train=train), "NVP3, MLE": LIKELIHOOD}
        return claims("danihelka/figure6", runs)[2]

    assert said(61.0 + NOISE) is False  # a standard deviation apart: 0.38
    assert said(60.3 + NOISE) is None  # 0.12, of 400 images each 0.096 by chance


def test_an_average_that_is_one_outliers():
    bits = np.append(9.0 + 0.1 * NOISE, 1e6)
    runs = {"NVP3, WGAN": adversary([], bits), "NVP3, MLE": LIKELIHOOD}
    assert claims("danihelka/figure6", runs) == [True, False, True, True]
    single = artefact.load("danihelka/figure6").render(runs).claims[1]
    assert single.same_as == "danihelka/figure5"

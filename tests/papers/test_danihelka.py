"""What Danihelka et al.'s artefacts say of made runs: a claim holds where the numbers are so, and
falls where they are not.
"""

import importlib

import numpy as np
import pytest
from PIL import Image

from papers import artefact
from tests.papers.made import Made, both, claims, made, mean, nats, spectrum


def test_depth_and_overfitting_under_likelihood():
    runs = {
        f"NVP{i}": made(both([nats(7), nats(5 - i)], [nats(7), nats(5.1 - i)])) for i in (1, 2, 3)
    }
    assert claims("danihelka/figure4", runs) == [True, True]
    runs["NVP1"] = made(both([nats(7), nats(1)], [nats(7), nats(0.9)]))
    assert claims("danihelka/figure4", runs) == [False, False]


def test_densities_under_wgan():
    runs = {"NVP1": made(both([nats(9), nats(99)], [nats(9), nats(100)]))}
    assert claims("danihelka/figure5", runs) == [True, True, True]
    runs = {"NVP1": made(both([nats(9), None], [nats(9), None]))}  # beyond what float64 holds
    assert claims("danihelka/figure5", runs) == [True, True, True]
    runs = {"NVP1": made(both([nats(9), nats(4)], [nats(9), nats(7)]))}
    assert claims("danihelka/figure13", runs) == [False, False, False]
    runs = {
        "NVP1": made(both([nats(9), nats(5000)], [nats(9), nats(9000)]))
    }  # averages of a few images
    assert claims("danihelka/figure13", runs) == [True, True, None]
    runs = {"NVP1": made(both([nats(9), nats(5000)], [nats(9), nats(11000)]))}
    assert claims("danihelka/figure13", runs) == [True, True, False]


def test_the_js_gan_diverges_or_not():
    assert claims(
        "danihelka/jensen_shannon", {"NVP1, JS": made(both([1, 1], [nats(5), nats(900)]))}
    ) == [True, True]
    assert claims(
        "danihelka/jensen_shannon", {"NVP1, JS": made(both([1, 1], [nats(5), nats(6)]))}
    ) == [False, False]


def test_both_objectives_together():
    runs = {
        name: made(both([0, 0], [nats(9), nats(b)]))
        for name, b in (("MLE", 5), ("MLE + WGAN", 5.3), ("WGAN", 50))
    }
    assert claims("danihelka/figure16", runs) == [True, True]
    runs["MLE + WGAN"] = made(both([0, 0], [nats(9), nats(60)]))
    assert claims("danihelka/figure16", runs) == [False, False]


def _distances(train, validation, test):
    names = {
        "independent_train": train,
        "independent_validation": validation,
        "independent_test": test,
    }
    return made([{"step": i} | names for i in range(4)])


def test_distances_of_depths_and_splits():
    runs = {f"NVP{i}, MLE": _distances(0.5 - i / 10, 0.7 - i / 10, 0.6 - i / 10) for i in (1, 2, 3)}
    runs |= {f"NVP{i}, WGAN": _distances(0.2, 0.3, 0.4) for i in (1, 2, 3)}
    assert claims("danihelka/figure9", runs) == [
        True,
        True,
        None,
        True,
        True,
    ]  # a distance that does not fall says nothing
    for i in (1, 2, 3):
        runs[f"NVP{i}, WGAN"].rows[0]["independent_validation"] = 0.9
    assert claims("danihelka/figure9", runs) == [True] * 5
    runs["NVP1, MLE"], runs["NVP3, WGAN"] = _distances(0.3, 0.1, 0.2), _distances(0.9, 0.6, 0.8)
    runs["NVP3, WGAN"].rows[0]["independent_validation"] = 0.9
    assert claims("danihelka/figure14", runs) == [False] * 5


def _two_steps(values):
    def run(value, seed):
        rows = [
            {"step": i, **{f"independent_{p}": value for p in ("train", "validation", "test")}}
            for i in range(8)
        ]
        return made(rows, config={"seed": seed, "critic": str(values)})

    first, *others = [run(value, seed) for seed, value in enumerate(values)]
    return made(first.rows, config=first.config, seeds=others)


def test_the_fast_learning_critic_is_better_in_the_mean_or_in_every_seed():
    def said(fast, dcgan, start=None):
        runs = {"fast learning": _two_steps(fast), "DCGAN": _two_steps(dcgan)}
        if start is not None:
            for run in [runs["DCGAN"], *runs["DCGAN"].seeds]:
                for row in run.rows[:5]:
                    row["independent_validation"] = start
        return claims("danihelka/figure12", runs)

    assert said([1, 2, 3], [2, 3, 4]) == [None, None, True]
    assert said([1, 2, 3], [7, 8, 9], start=5) == [
        True,
        True,
        True,
    ]  # DCGAN's ends farther away than it was
    assert said([1, 2, 5], [2, 3, 4], start=9) == [None, False, False]
    assert said([1], [2]) == [True, None]  # a single seed is judged by its last readings


def test_two_seeds_that_agree_by_chance_settle_nothing():
    runs = {"fast learning": _two_steps([1.0, 1.0]), "DCGAN": _two_steps([1.2, 1.2])}
    assert claims("danihelka/figure12", runs)[0] is True
    for row, value in zip(runs["fast learning"].rows[-3:], (0.5, 1.0, 1.5), strict=True):
        row["independent_validation"] = value
    assert claims("danihelka/figure12", runs)[0] is None


def test_ranks_by_likelihood_and_wgan():
    runs = {"MLE": spectrum(-1, 0, -4000), "WGAN": spectrum(-9, 0, -9000)}
    for run, log_det in zip(runs.values(), (-4000.0, -9000.0), strict=True):
        run.results["likelihood"] = {
            "identity": {"mean_log_det": log_det},
            "own_samples": {"nll": mean(0.0, 9.0)},
        }
    assert claims("danihelka/figure17", runs) == [True, True]
    assert claims("danihelka/figure17", {"MLE": runs["WGAN"], "WGAN": runs["MLE"]}) == [
        False,
        False,
    ]


@pytest.mark.parametrize(("own", "holds"), [(-1.12, True), (0.5, False)])
def test_own_samples_at_negative_bits(own, holds):
    result = {
        "own_samples": {"bits_per_dim": mean(own)},
        "validation": {"bits_per_dim": mean(99.0)},
    }
    result["identity"] = {"difference": mean(0.0)}
    assert claims(
        "danihelka/own_samples", {"NVP3, WGAN": made(results={"likelihood": result})}
    ) == [holds, True]


def _latents(middle, deviation, own=1.0):
    images, samples = (
        [{"latent": i, "mean": mean(middle), "deviation": mean(d)} for i in range(2)]
        for d in (deviation, own)
    )
    images = {"latents": images, "test": {"deviation": [deviation] * 3}}
    return made(results={"latents": {"images": images, "own_samples": {"latents": samples}}})


def test_latents_of_images_are_like_the_prior_or_wide(monkeypatch):
    module = artefact.load("danihelka/figure7")
    for part in ("table", "figure", "notes"):
        monkeypatch.setattr(module.drawn, part, lambda results: [])
    assert claims(
        "danihelka/figure7", {"MLE": _latents(0.05, 1.05), "WGAN": _latents(0.02, 3.95)}
    ) == [True, True]
    assert claims(
        "danihelka/figure7", {"MLE": _latents(1.6, 1.0), "WGAN": _latents(0.02, 1.1)}
    ) == [False, False]
    assert claims("danihelka/figure7", {"WGAN": _latents(0.02, 1000.0, own=900.0)}) == [
        None
    ]  # an inverse that is lost


@pytest.mark.parametrize(
    ("mle", "wgan", "error", "holds"),
    [
        ((97, 99), (-99, None), 9, [True, True]),
        ((0, 0), (95, 99), 1, [False, False]),
        ((97, 99), (-99, -999), 500, [True, None]),
    ],
)
def test_reconstructions_are_as_likely_as_samples_or_not(
    mle, wgan, error, holds, monkeypatch, tmp_path
):
    module = artefact.load("danihelka/figure8")
    Image.new("L", (40, 12)).save(tmp_path / "grid.png")
    monkeypatch.setattr(Made, "picture", lambda self, key, caption: tmp_path / "grid.png")
    monkeypatch.setattr(module.drawn, "table", lambda results: None)
    monkeypatch.setattr(module.drawn, "notes", lambda results: [])
    runs = {}
    for label, values in (("MLE", mle), ("WGAN", wgan)):
        keep = [
            {"keep": name, "log_prob": mean(value, error)}
            for name, value in zip(("first", "second"), values, strict=True)
        ]
        runs[label] = made(
            results={
                "reconstruction": {"keep": keep},
                "likelihood": {"identity": {"own_samples_nll": -100.0}},
            }
        )
    assert claims("danihelka/figure8", runs) == holds


@pytest.mark.parametrize(
    ("train", "holds"),
    [((51, 99), True), ((51, np.inf), True), ((6, 1e9), False), ((-1, 99), False)],
)
def test_a_histogram_of_which_every_image_is_bad(train, holds):
    arrays = {
        "validation": np.array([nats(51), nats(99)]),
        "train": np.array([nats(b) for b in train]),
    }
    runs = {"NVP3, WGAN": made(results={"likelihood": {"arrays": arrays}})}
    assert claims("danihelka/figure6", runs) == [True, True, train == (51, 99), holds]
    numbers = artefact.load("danihelka/figure6").render(runs).numbers
    assert numbers["below_uniform"]["train"] == (2 if holds else 1)
    assert numbers["median"]["train"] == pytest.approx(sum(train) / 2) or np.isinf(train[1])


def test_an_average_that_is_one_outliers():
    bits = np.array([nats(9)] * 4 + [nats(1e6)])
    runs = {
        "NVP3, WGAN": made(results={"likelihood": {"arrays": {"validation": bits, "train": bits}}})
    }
    assert claims("danihelka/figure6", runs) == [True, False, True, True]


def test_samples_nearer_than_by_likelihood_and_the_control_is_ours(monkeypatch):
    module = artefact.load("danihelka/figure3")
    samples = importlib.import_module("papers.danihelka._samples")
    monkeypatch.setattr(samples.plots, "pictures", lambda rows, side: None)
    monkeypatch.setattr(samples.drawn, "notes", lambda results: [])

    def run(distance):
        result = {"distances": {"test": mean(distance, 0.01)}}
        one = made(results={"critic_distance": result})
        one.__dict__.update(
            needs={evaluation.key for evaluation in module.NEEDS}, samples=lambda: None
        )
        return one

    said = module.render(
        {"NVP1, MLE": run(0.6), "NVP1, WGAN": run(0.7), "NVP1, WGAN from new weights": run(0.4)}
    ).claims
    assert [(claim.holds, claim.paper) for claim in said] == [(False, True), (True, False)]
    assert [
        claim.holds
        for claim in module.render({"NVP1, MLE": run(0.6), "NVP1, WGAN": run(0.601)}).claims
    ] == [None]  # too close
    combined = {"MLE": run(0.6), "MLE + WGAN": run(0.5), "MLE, one epoch more": run(0.4)}
    said = artefact.load("danihelka/figure15").render(combined).claims
    assert [(claim.holds, claim.paper) for claim in said] == [(True, True), (False, False)]

"""What Danihelka et al.'s artefacts say of samples and of divergences, of made runs."""

import importlib

import numpy as np

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
from tests.papers.made import claims, critics, likelihood, made, mean


def _said(name, runs):
    claims(name, runs)  # which evaluations are needed
    return [(claim.holds, claim.paper) for claim in artefact.load(name).render(runs).claims]


def test_samples_nearer_than_by_likelihood_and_the_control_is_ours():
    runs = {"NVP1, MLE": at(0.6), "NVP1, WGAN": at(0.7), "NVP1, WGAN from new weights": at(0.4)}
    assert _said("danihelka/figure3", runs) == [(None, True), (True, False)]
    runs["NVP1, WGAN from new weights"] = at(0.8)
    assert _said("danihelka/figure3", runs) == [(None, True), (None, False)]
    text = artefact.load("danihelka/figure3").render(runs).claims[0].ours
    assert text.endswith("; open: NVP1, WGAN was trained for 10 steps, and may need more")
    close = {"NVP1, MLE": at(0.6), "NVP1, WGAN": made(results=critics(0.5999, spread=0.01))}
    close["NVP1, WGAN"].results["critic_distance"]["arrays"]["test"][0] += 0.001
    assert _said("danihelka/figure3", close) == [(None, True)]
    longer = "MLE, as many steps more"
    combined = {"MLE": at(0.6), "MLE + WGAN": at(0.5), longer: at(0.4)}
    assert _said("danihelka/figure15", combined) == [(True, True), (False, False)]
    combined["MLE + WGAN"] = at(0.7)  # has not trained, so the control is not lost to either
    assert _said("danihelka/figure15", combined) == [(None, True), (None, False)]


def test_a_control_does_not_change_what_is_said_of_the_papers_run():
    slow, fast = "NVP3, WGAN at a fifth of the rate", "NVP3, WGAN"
    runs = {"NVP3, MLE": at(0.5), fast: at(0.4), slow: at(0.6)}
    assert _said("danihelka/figure2", runs) == [(True, True), (None, False)]
    runs[slow] = at(0.3)
    assert _said("danihelka/figure2", runs) == [(True, True), (True, False)]


def _of_gp(distance, bits, train=None, deviation=4.0, own=1.0, log_det=-9000.0):
    run = latents(0.0, deviation, own, distance)
    run.results.update(likelihood(bits, train))
    return _with_log_det(run, log_det)


def _with_log_det(run, log_det):
    run.results["likelihood"]["identity"] = {"mean_log_det": log_det}
    run.results["likelihood"]["own_samples"]["nll"] = mean(0.0, 9.0)
    return run


def test_conclusions_that_are_similar_for_wgan_gp_or_not():
    def said(gp, wgan=0.5):
        by_likelihood = _with_log_det(adversary([], 6.0 + NOISE, FAR), -4000.0)
        runs = {"NVP3, MLE": by_likelihood, "NVP3, WGAN": adversary([], 99.0 + NOISE, wgan)}
        return _said("danihelka/wgan_gp", runs | {"NVP3, WGAN-GP": gp})

    assert said(_of_gp(NEAR, 99.0 + NOISE)) == [*[(True, True)] * 5, (True, False)]
    other = _of_gp(NEAR, 9.0 + NOISE, 12.0 + NOISE, deviation=1.0, log_det=-3000.0)
    assert said(other, wgan=0.2) == [(False, True), (True, True)] + [(False, True)] * 3 + [
        (False, False)
    ]
    assert said(_of_gp(0.9, 99.0 + NOISE)) == [
        *[(None, True)] * 5,
        (None, False),
    ]


def test_wgan_is_better_than_js_or_has_not_trained():
    def said(wgan, js, log):
        found = (FAR, wgan, js, log)
        labels = ("NVP1, MLE", "NVP1, WGAN", "NVP1, JS", "NVP1, JS, non-saturating")
        runs = {k: adversary([], NOISE, v) for k, v in zip(labels, found, strict=True)}
        return _said("danihelka/wgan_and_js", runs)

    assert said(0.4, 0.5, 0.3) == [(True, True), (False, True)]
    assert said(0.8, 0.9, 0.7) == [(None, True), (None, True)]


def test_what_wgan_does_to_other_flows():
    def said(plain, logit, better=NEAR, distance=NEAR):
        runs = {"NVP1, WGAN": adversary([], plain)}
        runs["NVP1 with a logit, WGAN"] = adversary([], logit, distance)
        other = "NVP3 with logit, layer normalization and mixing"
        runs[f"{other}, WGAN"] = adversary([], 99.0 + NOISE, better)
        flows = [label.removesuffix(", WGAN") for label in runs]
        runs |= {f"{flow}, MLE": adversary([], 6.0 + NOISE, FAR) for flow in flows}
        return _said("danihelka/flows", runs)

    holds, unlike = (True, False), (False, False)
    many = 99.0 + NOISE
    assert said(many, 1e5 + NOISE) == [holds] * 4
    assert said(many, np.append(many, 1e9))[3] == unlike  # a single image does not decide
    assert said(many, 100.0 * many)[3] == (None, False)
    assert said(many, 1e5 + NOISE, distance=0.9)[3] == (None, False)
    assert said(9.0 + NOISE, 99.0 + NOISE, 0.9) == [unlike, holds, (None, False), unlike]


def _encoded(exact, joint, split=None):
    """An encoder's test images: its KL, and the gaps of discriminators, +- 0.1 each."""
    gaps = {"joint": joint} | ({} if split is None else {"autoregressive": split})
    discriminators = {k: {"value": exact + gap, "gap": mean(gap)} for k, gap in gaps.items()}
    return {"kl": mean(exact), "discriminators": discriminators}


def test_gaps_of_discriminators_are_compared_with_their_errors():
    figure18 = importlib.import_module("papers.danihelka.figure18")

    def grows(small, large):
        pair = [[{"end": {"test": _encoded(15, small)}}], [{"end": {"test": _encoded(50, large)}}]]
        return figure18._grows(dict(zip("ab", pair, strict=True)))[0]

    assert [grows(-5.0, gap) for gap in (-40.0, -1.0, -5.2)] == [True, False, None]
    assert figure18._grows({"a": [{"end": {"test": _encoded(15, -5.0)}}]})[0] is None

    def helps(split):
        return figure18._split([_encoded(15, -5.0, split)])[0]

    assert [helps(gap) for gap in (-1.0, 1.0, -9.0, -4.9)] == [True, True, False, None]

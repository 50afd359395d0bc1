"""Likelihoods, on cases with known answers."""

import numpy as np
import pytest

from tests.helpers import (
    perturb,
    quick_first,
    random_images,
    small_flow,
    synthetic_split,
    synthetic_splits,
)
from tfflowgan import flows, units
from tfflowgan.datasets import evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation import likelihood
from tfflowgan.metrics.log_probs import log_probs, sample_log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop


def _gaussian():
    """A new nvp is the identity, so its density is a standard normal's."""
    return flows.build("nvp", (4, 4, 1), width=2, blocks=1, logit_alpha=None, dtype="float64")


@pytest.mark.slow
def test_a_gaussian_flow_scores_in_closed_form():
    flow, split = _gaussian(), synthetic_split(40)
    values = log_probs(flow, split, draws=3)
    assert values.shape == (3, 40)
    mean = units.dequantize(
        split.images.astype(float), 0.5
    )  # the expectation over the noise, up to the noise's variance
    expected = -8 * np.log(2 * np.pi) - 0.5 * ((mean**2).sum(axis=(1, 2, 3)) + 16 / 12 / 256**2)
    np.testing.assert_allclose(values.mean(axis=0), expected, atol=0.02)


@pytest.mark.slow
def test_results_do_not_depend_on_the_batch_size():
    flow, split = perturb(_gaussian()), synthetic_split(23)
    np.testing.assert_allclose(
        log_probs(flow, split, batch_size=5), log_probs(flow, split, batch_size=23), rtol=1e-10
    )


@pytest.mark.slow
def test_a_split_of_several_parts_is_scored_image_by_image():
    flow, split = perturb(_gaussian()), synthetic_split(5300, (4, 4, 1))
    values = log_probs(flow, split, draws=2, batch_size=256)
    whole = [
        flow.log_prob(next(iter(evaluation_batches(split, 5300, 0, draw)))[0]) for draw in range(2)
    ]
    np.testing.assert_allclose(values, whole, rtol=1e-10)


@pytest.mark.parametrize("name", quick_first(["nice", "nvp"]))
def test_nll_of_own_samples_is_the_priors_entropy_plus_the_mean_log_det(name):
    flow = small_flow(name, dtype="float64")
    entropy = {"normal": 0.5 * np.log(2 * np.pi * np.e), "logistic": 2.0}[
        flow.prior_name
    ] * flow.dims
    seeds = flows.image_seeds(0, 400)
    latents = flow.latents(seeds)
    log_det = flow.bijector().forward_log_det_jacobian(latents, event_ndims=1).numpy()
    own, back, dets = sample_log_probs(flow, 400, batch_size=150)
    np.testing.assert_allclose(dets, log_det, rtol=1e-9)
    np.testing.assert_allclose(back, own, rtol=1e-7)
    nll = -own
    exact = -flow.prior().log_prob(latents).numpy() + log_det
    np.testing.assert_allclose(nll, exact, rtol=1e-9)
    error = (nll - log_det).std() / np.sqrt(400)
    assert abs(nll.mean() - entropy - log_det.mean()) < 4 * error


@pytest.mark.slow
def test_the_report_has_all_units_and_the_error_of_the_mean():
    flow, splits = _gaussian(), synthetic_splits(50)
    result = likelihood.evaluate(flow, splits, draws=2, samples=30, checked=10)
    values = log_probs(flow, splits.test, draws=2).mean(axis=0)
    test = result["test"]
    assert test["count"] == 50 and result["own_samples"]["count"] == 30
    _, _, log_dets = sample_log_probs(flow, 30)
    of_log_dets = result["identity"]["log_det"]
    assert of_log_dets["value"] == pytest.approx(log_dets.mean()) and of_log_dets["count"] == 30
    assert of_log_dets["standard_error"] == pytest.approx(
        log_dets.std(ddof=1) / np.sqrt(30), abs=1e-12
    )
    assert test["nll"]["value"] == pytest.approx(-values.mean())
    assert test["nll"]["standard_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(50))
    assert test["bits_per_dim"]["value"] == pytest.approx(8 - values.mean() / (16 * np.log(2)))
    assert test["code_length"] == pytest.approx(16 * np.log(256) - values.mean())


@pytest.mark.slow
def test_the_importance_weighted_bound_is_never_above_the_nll_and_falls_with_draws():
    flow, splits = perturb(_gaussian(), scale=0.5), synthetic_splits(50)
    few, many = (
        likelihood.evaluate(flow, splits, draws=k, importance_weighted=True, samples=2, checked=2)
        for k in (2, 16)
    )
    for result in (few, many):
        assert (
            result["test"]["importance_weighted"]["nll"]["value"] <= result["test"]["nll"]["value"]
        )
    assert (
        many["test"]["importance_weighted"]["nll"]["value"]
        < few["test"]["importance_weighted"]["nll"]["value"] + 1e-3
    )


@pytest.mark.slow
def test_the_limit_is_recorded_in_the_counts():
    result = likelihood.evaluate(_gaussian(), synthetic_splits(50), limit=7, samples=2, checked=2)
    assert [result[name]["count"] for name in ("train", "validation", "test")] == [
        7,
        7,
        7,
    ] and result["limit"] == 7


@pytest.mark.slow
def test_float64_stands_beside_float32():
    flow, images = small_flow("nvp", levels=1), random_images((4, 4, 1), 20)
    result = likelihood.precision(flow, images)
    errors, nll = result["inverse_error"], result["nll"]
    assert 0 < errors["float32"] < 1e-4 and errors["float64"] < 1e-12
    np.testing.assert_allclose(
        nll["float64"], -flow.astype("float64").log_prob(images).numpy().mean()
    )
    assert result["trusted"] and result["relative_difference"] == abs(
        nll["float32"] - nll["float64"]
    ) / abs(nll["float64"])
    assert set(likelihood.precision(flow.astype("float64"), images)["nll"]) == {"float64"}


@pytest.mark.slow
def test_float32_is_not_trusted_where_it_is_more_than_a_hundredth_off():
    flow = flows.build("nice", (4, 4, 1), couplings=4, layers=1, width=4, logit_alpha=None)
    flow.log_scale.assign(np.full(16, 7.0))
    for network, shift in (
        (flow.networks[1], 1e7),
        (flow.networks[3], -1e7),
    ):  # on the way float32 keeps whole numbers alone
        network.layers[-1].bias.assign(np.full(8, shift))
    result = likelihood.precision(flow, random_images((4, 4, 1), 20))
    assert result["inverse_error"]["float64"] < 1e-7 < 0.1 < result["inverse_error"]["float32"]
    assert not result["trusted"] and result["relative_difference"] > 0.01


@pytest.mark.slow
def test_a_flow_that_does_not_come_back_from_its_samples_breaks_the_identity_and_is_not_trusted():
    flow = flows.build("nice", (4, 4, 1), couplings=2, layers=1, width=4, logit_alpha=None)
    flow.log_scale.assign(
        np.full(16, 12.0)
    )  # latents are made small, and drown in a coupling's shift
    flow.networks[1].layers[-1].bias.assign(np.full(8, 1000.0))
    result = likelihood.evaluate(flow, synthetic_splits(20), samples=50, checked=20)
    identity = result["identity"]
    assert abs(identity["difference"]["value"]) > 5 * identity["difference"]["standard_error"]
    assert not result["precision"]["own_samples"]["trusted"]
    sane = likelihood.evaluate(small_flow("nice"), synthetic_splits(20), samples=50, checked=20)
    difference = sane["identity"]["difference"]
    assert abs(difference["value"]) < 4 * difference["standard_error"]
    assert sane["precision"]["own_samples"]["trusted"]


def test_an_nll_near_nought_is_trusted_for_its_absolute_error():
    assert likelihood._agreement({"float32": 0.01, "float64": 0.005}, 784)["trusted"]
    assert not likelihood._agreement({"float32": 2.0, "float64": 0.005}, 784)["trusted"]


def test_equal_and_huge_nlls_have_a_histogram():
    for values in (np.full(3, 7.0), np.full(1, -1e17), np.array([1e17, 1e17 + 64])):
        result = likelihood._histogram(
            dict.fromkeys(("train", "validation", "test", "own_samples"), values)
        )
        assert sum(result["test"]["counts"]) == len(values) and len(result["test"]["edges"]) == 61


@pytest.mark.slow
def test_an_interrupted_evaluation_continues(tmp_path, monkeypatch):
    flow, splits = small_flow("nvp", dtype="float64"), synthetic_splits(30)
    whole = likelihood.evaluate(flow, splits, samples=5, checked=5)
    scored = []

    def log_prob(images, check, real=flow.log_prob):
        scored.append(len(images))
        if len(scored) == 3:
            raise KeyboardInterrupt
        return real(images, check)

    monkeypatch.setattr(flow, "log_prob", log_prob)
    with pytest.raises(KeyboardInterrupt):
        likelihood.evaluate(flow, splits, ResumableLoop(tmp_path), samples=5, checked=5)
    again = likelihood.evaluate(flow, splits, ResumableLoop(tmp_path), samples=5, checked=5)
    for part, values in whole.pop("arrays").items():
        np.testing.assert_array_equal(again["arrays"][part], values)
        assert len(values) == whole[part]["count"] and values.mean() == pytest.approx(
            whole[part]["nll"]["value"], rel=1e-5
        )
    assert {name: values for name, values in again.items() if name != "arrays"} == whole
    assert scored == [
        30,
        30,
        30,
        30,
        5,
        5,
        5,
    ]  # train and validation were there already; then test, own samples, checks


@pytest.mark.slow
def test_bad_input_is_refused():
    with pytest.raises(UserError, match=r"synthetic.*\(6, 6, 1\).*\(4, 4, 1\)"):
        likelihood.evaluate(_gaussian(), synthetic_splits(20, shape=(6, 6, 1)))
    with pytest.raises(UserError, match="--importance_weighted.*--draws"):
        likelihood.evaluate(_gaussian(), synthetic_splits(20), importance_weighted=True)
    flow = _gaussian()
    flow.networks[0].layers[-1].bias.assign([np.nan, 0.0])
    with pytest.raises(UserError, match="20 of 20 .*train.*--dtype=float64"):
        likelihood.evaluate(flow, synthetic_splits(20))

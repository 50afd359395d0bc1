"""Latents against the prior."""

import json

import numpy as np
import pytest
import scipy.stats

from tests.helpers import quick_first, small_flow, synthetic_splits
from tfflowgan import flows
from tfflowgan.datasets import Split, Splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import latents

PRIORS = {"normal": scipy.stats.norm, "logistic": scipy.stats.logistic}


def _identity(**options):
    """A new nvp is the identity: latents are pixels."""
    return flows.build(
        "nvp", (4, 4, 1), levels=1, width=2, blocks=1, logit_alpha=None, dtype="float64", **options
    )


@pytest.mark.parametrize("prior", PRIORS)
def test_statistics_and_p_values_are_scipys(prior):
    flow = _identity(prior=prior)
    values = np.random.default_rng(0).standard_normal((300, 16)) * np.linspace(0.7, 2.5, 16)
    found = latents.compare_with_prior(flow, values)
    exact = [scipy.stats.kstest(column, PRIORS[prior].cdf) for column in values.T]
    assert found["median_statistic"] == pytest.approx(
        np.median([e.statistic for e in exact]), rel=1e-12
    )
    assert found["greatest_statistic"] == pytest.approx(max(e.statistic for e in exact), rel=1e-12)
    assert found["rejected_share"] == np.mean([e.pvalue < 0.05 for e in exact])


def test_moments_are_scipys_relative_to_the_prior():
    flow = _identity(prior="logistic")
    values = np.random.default_rng(1).gamma(2.0, 3.0, (200, 16))
    found = latents.compare_with_prior(flow, values)
    unit = np.pi / np.sqrt(3)
    for name, exact in {
        "mean": values.mean(axis=0) / unit,
        "deviation": values.std(axis=0, ddof=1) / unit,
        "skewness": scipy.stats.skew(values),
        "excess_kurtosis": scipy.stats.kurtosis(values),
    }.items():
        np.testing.assert_allclose(
            found[name], np.quantile(exact, found["levels"]), rtol=1e-10, err_msg=name
        )


def test_holm_rejects_step_by_step():
    p = np.array([0.2, 0.001, 0.015, 0.04])  # 0.001 <= 0.05 / 4, 0.015 <= 0.05 / 3, 0.04 > 0.05 / 2
    assert latents._holm(p) == 2
    assert latents._holm(np.full(3, 1e-9)) == 3 and latents._holm(np.full(3, 0.9)) == 0


@pytest.mark.parametrize("name", quick_first(["nice", "nvp"]))
def test_latents_inferred_for_own_samples_follow_the_prior(name):
    flow = small_flow(
        name, (8, 8, 1), dtype="float64", logit_alpha=None
    )  # saturated pixels would lose latents
    test = latents.compare_with_prior(flow, latents.encode_samples(flow, 1000))
    assert (
        test["rejected_share"] <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 64)
        and test["rejected_share_holm"] == 0.0
    )
    np.testing.assert_allclose([test["deviation"][20], test["mean"][20]], [1.0, 0.0], atol=0.02)


@pytest.mark.slow
def test_a_wrong_prior_is_rejected():
    values = (
        np.random.default_rng(0).standard_normal((1000, 16)) * np.pi / np.sqrt(3)
    )  # a logistic's deviation, not its shape
    assert (
        latents.compare_with_prior(_identity(prior="normal"), values)["rejected_share_holm"] == 1.0
    )
    assert (
        latents.compare_with_prior(_identity(prior="logistic"), 5 * values)["rejected_share_holm"]
        == 1.0
    )


@pytest.mark.slow
def test_single_latents_and_their_histogram():
    flow, splits = _identity(), synthetic_splits(64)
    result = latents.evaluate(flow, splits, split="test", latents="3,0,15")
    pixels = latents.encode_split(flow, splits.test).reshape(64, 16)
    np.testing.assert_allclose(
        pixels, splits.test.images.reshape(64, 16) / 256, atol=1 / 256
    )  # plus the noise
    third, first, last = result["images"]["latents"]
    assert [third["latent"], first["latent"], last["latent"]] == [3, 0, 15]
    expected = {
        "value": pixels[:, 0].mean(),
        "standard_error": pixels[:, 0].std(ddof=1) / 8,
        "count": 64,
    }
    assert first["mean"] == pytest.approx(expected)
    assert third["deviation"]["value"] == pytest.approx(pixels[:, 3].std(ddof=1))
    counts = np.asarray(result["images"]["histogram"]["counts"])
    assert (
        counts.shape == (30, 30) and counts.sum() + result["images"]["histogram"]["outside"] == 64
    )
    mode = np.histogram2d(pixels[:, 3], pixels[:, 0], result["edges"])[0]
    np.testing.assert_array_equal(counts, mode)
    assert result["own_samples"]["count"] == 64


def test_the_standard_error_of_a_deviation_is_its_spread():
    noise = np.random.default_rng(0).laplace(size=(2000, 400))
    found = [latents._mean_and_deviation(row)["deviation"]["standard_error"] for row in noise]
    assert np.mean(found) == pytest.approx(noise.std(axis=1, ddof=1).std(), rel=0.1)


@pytest.mark.slow
def test_parts_and_batches_change_nothing():
    flow = small_flow("nvp", levels=1, dtype="float64", logit_alpha=None)
    split = Split(np.random.default_rng(0).integers(0, 256, (1300, 4, 4, 1)).astype(np.uint8))
    few, many = (latents.encode_split(flow, split, batch_size=size) for size in (256, 999))
    assert few.shape == (1300, 16)
    np.testing.assert_allclose(few, many, atol=1e-9)
    few, many = (latents.encode_samples(flow, 1300, batch_size=size) for size in (256, 999))
    assert few.shape == (1300, 16)
    np.testing.assert_allclose(few, many, atol=1e-6)


@pytest.mark.slow
def test_huge_and_constant_latents_leave_finite_numbers():
    values = np.random.default_rng(0).standard_normal((50, 16))
    values[:, 0] *= 1e300
    values[:, 1] = 7.0
    found = latents.compare_with_prior(_identity(), values)
    json.dumps(found, allow_nan=False)
    assert found["constant"] == 1 and found["deviation"][-1] == pytest.approx(
        values[:, 0].std(ddof=1, dtype=np.longdouble), rel=1e-6
    )


@pytest.mark.slow
def test_latent_0_is_where_the_docstring_says():
    image = np.zeros((2, 4, 4, 1), np.uint8)
    image[:, 0, 0, 0], image[:, 0, 1, 0], image[:, 0, 2, 0] = 100, 150, 200
    for name, second in {"nice": 200, "nvp": 150}.items():
        options = {"levels": 1} if name == "nvp" else {}
        flow = flows.build(name, (4, 4, 1), width=2, logit_alpha=None, dtype="float64", **options)
        found = latents.encode_split(flow, Split(image))
        np.testing.assert_allclose(
            found[0, :2], [100.5 / 256, (second + 0.5) / 256], atol=0.5 / 256
        )


@pytest.mark.slow
def test_bad_input_is_refused():
    flow, splits = _identity(), synthetic_splits(20)
    for bad in ("0", "0,0", "0,16", "-1,0", "a,b", ""):
        with pytest.raises(UserError, match=rf"--latents={bad} .*\b15\b"):
            latents.evaluate(flow, splits, latents=bad)
    with pytest.raises(UserError, match="--split=holdout.*train, validation, test"):
        latents.evaluate(flow, splits, split="holdout")
    with pytest.raises(UserError, match="--limit=1 "):
        latents.evaluate(flow, splits, limit=1)
    with pytest.raises(UserError, match=r"\(6, 6, 1\).*\(4, 4, 1\)"):
        latents.evaluate(flow, synthetic_splits(20, (6, 6, 1)))
    flow.networks[0].layers[-1].bias.assign([np.nan, 0.0])
    with pytest.raises(UserError, match="20 of 20 images.*float64"):
        latents.evaluate(flow, Splits("s", "s", splits.train, splits.validation, splits.test))

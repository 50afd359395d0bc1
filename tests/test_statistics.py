"""Means with their errors."""

import math

import numpy as np
import pytest
import scipy.stats

from tfflowgan.statistics import (
    known_value,
    mean_with_error,
    mean_with_interval,
    quantile_with_interval,
    unknown_mean,
)


@pytest.mark.parametrize("count", [2, 3, 1000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, int])
def test_the_error_is_scipys(count, dtype):
    values = (100.0 * np.random.default_rng(count).standard_normal(count)).astype(dtype)
    found = mean_with_error(values)
    exact = values.astype(np.float64)
    assert found["value"] == pytest.approx(exact.mean(), rel=1e-14)
    assert found["standard_error"] == pytest.approx(scipy.stats.sem(exact), rel=1e-12)
    assert found["count"] == count and {type(v) for v in found.values()} == {float, int}


def test_the_error_is_the_formula():
    # of 1 to n: s^2 = n (n + 1) / 12
    expected = {"value": 50.5, "standard_error": math.sqrt(101 / 12), "count": 100}
    assert mean_with_error(np.arange(1, 101)) == pytest.approx(expected)


def test_the_error_is_the_spread_of_means():
    samples = np.random.default_rng(0).exponential(2.0, (2000, 50))
    errors = [mean_with_error(row)["standard_error"] for row in samples]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(
        samples.mean(axis=1).std(), rel=0.05
    )


def test_single_values_huge_values_and_those_that_are_not_finite():
    assert mean_with_error([3.5]) == {"value": 3.5, "standard_error": None, "count": 1}
    huge = mean_with_error([1e300, 3e300])
    assert huge["value"] == pytest.approx(2e300) and huge["standard_error"] == pytest.approx(1e300)
    for bad in (math.nan, math.inf):
        found = mean_with_error([1.0, bad, 2.0])
        assert not math.isfinite(found["value"]) and math.isnan(found["standard_error"])
    assert mean_with_error([0.0, 0.0]) == {"value": 0.0, "standard_error": 0.0, "count": 2}
    assert unknown_mean(7) == {"value": None, "standard_error": None, "count": 7}


def test_a_mean_that_is_not_known_has_no_value():
    assert known_value(mean_with_error([1.0, 4.0])) == 2.5
    with pytest.raises(ValueError, match="None"):
        known_value(unknown_mean(7))


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]], 3.0])
def test_what_has_no_mean_is_refused(values):
    with pytest.raises(ValueError, match="shape"):
        mean_with_error(values)


def test_the_interval_of_a_normal_mean_is_the_usual_one():
    values = np.random.default_rng(0).normal(3.0, 2.0, 400)
    found = mean_with_interval(values, 0)
    mean, error = values.mean(), values.std(ddof=1) / 20
    expected = [mean - 1.96 * error, mean + 1.96 * error]
    np.testing.assert_allclose(found.pop("interval"), expected, atol=0.15 * error)
    assert found == mean_with_error(values)


@pytest.mark.parametrize("count, share", [(60, 0.9), (200, 0.99), (500, 0.5)])
def test_the_interval_of_a_quantile_covers_it(count, share):
    samples = np.random.default_rng(1).exponential(size=(4000, count))
    true = -math.log(1 - share)
    found = [quantile_with_interval(row, share)["interval"] for row in samples]
    low = np.array([-np.inf if low is None else low for low, _ in found])
    high = np.array([np.inf if high is None else high for _, high in found])
    covered = float(((low <= true) & (true <= high)).mean())
    assert 0.95 - 3 * math.sqrt(0.95 * 0.05 / 4000) <= covered <= 0.99
    for row in samples[:50]:
        one = quantile_with_interval(row, share)
        assert (row <= one["value"]).mean() >= share > (row < one["value"]).mean()
        ends = one["interval"]
        assert ends[0] is None or ends[0] <= one["value"]
        assert ends[1] is None or one["value"] <= ends[1]


def test_an_end_that_the_values_cannot_bound_is_not_known():
    few = quantile_with_interval(np.arange(60.0), 0.999)
    assert few == {"value": 59.0, "interval": [58.0, None], "count": 60}
    assert quantile_with_interval([3.0], 0.5)["interval"] == [None, None]
    assert quantile_with_interval(np.arange(1, 1001), 99.9 / 100)["value"] == 999.0
    many = quantile_with_interval(np.arange(10_000.0), 0.999)
    assert many["interval"][1] is not None


@pytest.mark.parametrize("values, share", [([], 0.5), ([1.0, math.nan], 0.5), ([1.0], 1.0)])
def test_what_has_no_quantile_is_refused(values, share):
    with pytest.raises(ValueError):
        quantile_with_interval(values, share)

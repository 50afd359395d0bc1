"""Means with their errors."""

import math

import numpy as np
import pytest
import scipy.stats

from tfflowgan.statistics import (
    distribution_distance,
    known_value,
    mean_difference,
    mean_of_rows,
    mean_with_error,
    mean_with_interval,
    mean_with_t_interval,
    median_difference,
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


def _crossed(generator, rows, columns, of_rows, of_columns, rest, sets):
    """Made values `[sets, rows, columns]` with mean 0: standard deviations of their three parts."""
    a = of_rows * generator.standard_normal((sets, rows, 1))
    b = of_columns * generator.standard_normal((sets, 1, columns))
    return a + b + rest * generator.standard_normal((sets, rows, columns))


@pytest.mark.parametrize("parts", [(1.0, 0.0, 0.5), (0.0, 1.0, 0.3), (0.3, 2.0, 1.0), (0, 0, 1.0)])
def test_the_error_of_rows_that_share_columns_is_the_spread_of_their_means(parts):
    """Known: Var(mean) = A / K + B / n + E / (K n)."""
    rows, columns, sets = 3, 30, 3000
    values = _crossed(np.random.default_rng(1), rows, columns, *parts, sets)
    found = [mean_of_rows(one) for one in values]
    known = sum(np.square(parts) / (rows, columns, rows * columns))
    assert values.mean(axis=(1, 2)).var() == pytest.approx(known, rel=0.1)
    squares = np.mean([np.square(mean["standard_error"]) for mean in found])
    # without columns that differ, cutting their part off at 0 leaves a little
    assert squares == pytest.approx(known, rel=0.1) or (parts[1] == 0 and squares < 1.5 * known)
    covered = np.mean([mean["interval"][0] <= 0.0 <= mean["interval"][1] for mean in found])
    assert 0.93 <= covered <= 0.995
    assert found[0]["value"] == pytest.approx(values[0].mean()) and found[0]["count"] == 90


def test_the_error_of_rows_counts_no_part_twice():
    """Columns that all rows share, and no rest: the error is that of the column means alone."""
    columns = np.random.default_rng(0).standard_normal(50)
    same = mean_of_rows(np.tile(columns, (4, 1)))
    assert same["standard_error"] == pytest.approx(mean_with_error(columns)["standard_error"])
    rows = np.array([1.0, 2.0, 4.0])
    alone = mean_of_rows(np.tile(rows[:, np.newaxis], (1, 50)))
    assert alone["standard_error"] == pytest.approx(mean_with_error(rows)["standard_error"])
    assert alone["interval"] == pytest.approx(mean_with_t_interval(rows)["interval"])


def test_the_gap_of_two_splits_of_one_distribution_is_as_far_from_0_as_its_error_says():
    """Critics that are linear, c_k = c + d_k, and images that are standard normal in 20 dimensions:
    of 20 batches of 8 images a gap has variance |c|^2 2 / 160 for what critics share, and
    |d_k|^2 2 / (3 160) for what they do not.
    """
    generator, scores = np.random.default_rng(3), []
    gaps = []
    for _ in range(1500):
        shared, own = generator.standard_normal(20), 0.4 * generator.standard_normal((3, 20))
        train, test = generator.standard_normal((2, 20, 8, 20)).mean(axis=2)
        readings = (shared + own) @ (test - train).T
        gap = mean_of_rows(readings)
        scores.append(gap["value"] / gap["standard_error"])
        gaps.append(gap["value"])
    assert np.std(scores) == pytest.approx(1.0, abs=0.15)
    assert np.var(gaps) == pytest.approx(20 * (1 + 0.4**2 / 3) * 2 / 160, rel=0.1)


def test_the_interval_of_a_few_values_is_students():
    values = [1.0, 2.0, 6.0]
    low, high = scipy.stats.t.interval(0.95, 2, np.mean(values), scipy.stats.sem(values))
    assert mean_with_t_interval(values)["interval"] == pytest.approx([low, high])
    assert "interval" not in mean_with_t_interval([1.0])


def test_a_difference_of_means_is_scipys():
    generator = np.random.default_rng(4)
    one, other = 3.0 * generator.standard_normal(5), 1.0 + generator.standard_normal(9)
    tested = scipy.stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    found = mean_difference(one, other)
    assert found["value"] == pytest.approx(one.mean() - other.mean()) and found["count"] == 14
    assert found["interval"] == pytest.approx([tested.low, tested.high])
    assert mean_difference([2.0, 2.0], [1.0, 1.0, 1.0])["interval"] == [1.0, 1.0]
    with pytest.raises(ValueError, match="2 values or more"):
        mean_difference([1.0], [1.0, 2.0])


@pytest.mark.parametrize("shape", [(1, 30), (3, 1), (30,)])
def test_single_rows_and_columns_are_refused(shape):
    with pytest.raises(ValueError, match="shape"):
        mean_of_rows(np.zeros(shape))


@pytest.mark.slow
def test_the_interval_of_a_difference_of_medians_covers_it_under_heavy_tails():
    """Of Cauchy's distribution, which has no mean."""
    generator, inside = np.random.default_rng(2), 0
    for i in range(300):
        one, other = generator.standard_cauchy(120) + 3.0, 5.0 * generator.standard_cauchy(80)
        found = median_difference(one, other, i)
        inside += found["interval"][0] <= 3.0 <= found["interval"][1]
        assert found["value"] == pytest.approx(np.median(one) - np.median(other))
    assert 0.91 <= inside / 300 <= 0.99


def test_samples_of_one_distribution_are_told_apart_in_one_case_of_twenty():
    generator = np.random.default_rng(4)
    apart = [
        distribution_distance(generator.exponential(size=300), generator.exponential(size=200))
        for _ in range(1500)
    ]
    assert 0.03 <= np.mean([one["interval"][0] > 0.0 for one in apart]) <= 0.06
    # of U(0, 1) and U(0.2, 1.2) the greatest difference is 0.2
    inside = 0
    for _ in range(500):
        shifted = distribution_distance(
            generator.uniform(size=300), generator.uniform(size=300) + 0.2
        )
        inside += shifted["interval"][0] <= 0.2 <= shifted["interval"][1]
    assert inside / 500 >= 0.94
    assert distribution_distance([1.0, math.inf], [1.0, math.inf])["value"] == 0.0

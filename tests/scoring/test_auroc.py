"""Areas against closed forms, another library and simulated coverage."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from tfflowgan.scoring import auroc


def gaussians(delta, m, n, seed=0, deviation=1.0):
    random = np.random.default_rng(seed)
    return delta + deviation * random.standard_normal(m), random.standard_normal(n)


@pytest.mark.parametrize("delta", [0.0, 0.7, 2.0])
def test_two_gaussians_have_the_area_of_the_closed_form(delta):
    found = auroc.auroc_with_interval(*gaussians(delta, 20000, 20000))
    exact = scipy.stats.norm.cdf(delta / np.sqrt(2))
    assert found["value"] == pytest.approx(exact, abs=0.01)
    assert found["interval"][0] < exact < found["interval"][1]
    assert found["interval"][1] - found["interval"][0] < 0.02


@pytest.mark.parametrize(
    ("m", "n", "delta", "deviation"), [(200, 200, 1.0, 1.0), (30, 100, 2.0, 3.0), (20, 20, 3.3, 1)]
)
def test_the_interval_covers_the_true_area_in_about_95_of_100_samples(m, n, delta, deviation):
    exact = scipy.stats.norm.cdf(delta / np.sqrt(1 + deviation**2))
    covered = 0
    for seed in range(300):
        low, high = auroc.auroc_with_interval(*gaussians(delta, m, n, seed, deviation))["interval"]
        assert 0.0 <= low <= high <= 1.0
        covered += low <= exact <= high
    assert 0.92 <= covered / 300 <= 0.995


def test_the_variance_is_delongs():
    unusual, usual = gaussians(1.0, 12, 9)
    pairs = (unusual[:, None] > usual) + 0.5 * (unusual[:, None] == usual)
    expected = pairs.mean(1).var(ddof=1) / 12 + pairs.mean(0).var(ddof=1) / 9
    assert auroc._delong(unusual, usual) == pytest.approx(np.sqrt(expected))


def test_perfect_separation_leaves_doubt_that_shrinks_with_the_number_of_images():
    few, many = (auroc.auroc_with_interval(np.ones(n), np.zeros(n))["interval"] for n in (10, 1000))
    assert few[1] == many[1] == 1.0 and 0.7 < few[0] < 0.95 < many[0] < 1.0
    low, high = auroc.auroc_with_interval(np.zeros(10), np.ones(10))["interval"]
    assert (low, high) == pytest.approx((0.0, 1.0 - few[0]))


def test_areas_and_curves_are_those_of_scikit_learn():
    unusual, usual = (np.round(part, 1) for part in gaussians(1.0, 60, 90))  # with ties
    labels = np.repeat([1, 0], [60, 90])
    values = np.concatenate([unusual, usual])
    assert auroc.auroc(unusual, usual) == pytest.approx(
        sklearn.metrics.roc_auc_score(labels, values)
    )
    assert auroc.average_precision(unusual, usual) == pytest.approx(
        sklearn.metrics.average_precision_score(labels, values)
    )
    found = auroc.curves(unusual, usual)
    false, true, thresholds = sklearn.metrics.roc_curve(labels, values, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positives, false[1:])
    np.testing.assert_allclose(found.true_positives, true[1:])
    np.testing.assert_allclose(found.thresholds, thresholds[1:])
    precision, recall, _ = sklearn.metrics.precision_recall_curve(labels, values)
    np.testing.assert_allclose(found.precision, precision[:-1][::-1])
    np.testing.assert_allclose(found.true_positives, recall[:-1][::-1])


def test_the_interval_of_average_precision_holds_it_and_is_the_same_for_a_seed():
    unusual, usual = gaussians(1.0, 60, 90)
    found = auroc.average_precision_with_interval(unusual, usual, seed=3)
    assert found["interval"][0] < found["value"] < found["interval"][1]
    assert found == auroc.average_precision_with_interval(unusual, usual, seed=3)
    perfect = auroc.average_precision_with_interval(np.ones(4), np.zeros(4))
    assert perfect == {"value": 1.0, "interval": None}

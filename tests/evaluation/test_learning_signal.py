"""Correlations of the adversary's numbers with the NLL, on made series."""

import json

import numpy as np
import pytest
import scipy.stats

from tfflowgan.errors import UserError
from tfflowgan.evaluation import learning_signal
from tfflowgan.runs.run import Run


def _run(path, **columns):
    run = Run.create(path)
    for i in range(len(next(iter(columns.values())))):
        values = {
            name: None if column[i] is None else float(column[i])
            for name, column in columns.items()
        }
        run.append_metrics({"step": 10 * (i + 1)} | values)
    return run


def _walk(count, seed):
    return np.random.default_rng(seed).normal(size=count).cumsum()


def test_a_loss_that_follows_the_nll_and_one_that_opposes_it(tmp_path):
    nll = 100.0 + _walk(60, 0)
    noise = 0.1 * np.random.default_rng(1).normal(size=60)
    made = {
        "validation_nll": nll,
        "distance": 0.01 * nll + 0.01 * noise,
        "generator_loss": -(nll**3) + noise,
        "critic_loss": -nll,
    }
    result = learning_signal.evaluate(_run(tmp_path, **made))
    assert {n: s["verdict"] for n, s in result["signals"].items()} == {
        "generator_loss": "opposes", "distance": "follows", "critic_loss": "follows"
    }  # fmt: skip
    assert result["signals"]["distance"]["levels"]["pearson"] > 0.99
    assert result["signals"]["critic_loss"]["levels"]["pearson"] == pytest.approx(-1.0)
    assert result["signals"]["critic_loss"]["differences"]["spearman"] == pytest.approx(-1.0)
    assert result["evaluations"] == 60 and len(result["series"]["distance"]) == 60
    json.dumps(result, allow_nan=False)


def test_correlations_are_those_of_scipy():
    x, y = _walk(40, 3), _walk(40, 4)
    result = learning_signal.correlation(x, y, 0)
    assert result["pearson"] == pytest.approx(scipy.stats.pearsonr(x, y).statistic, rel=1e-12)
    assert result["spearman"] == pytest.approx(scipy.stats.spearmanr(x, y).statistic, rel=1e-12)
    ties = np.round(x)
    assert learning_signal.correlation(ties, y, 0)["spearman"] == pytest.approx(
        scipy.stats.spearmanr(ties, y).statistic, rel=1e-12
    )


def test_one_trend_alone_correlates_levels_and_not_steps(tmp_path):
    trend, random = np.arange(80.0), np.random.default_rng(5)
    nll, distance = (trend + random.normal(size=80) for _ in range(2))
    signal = learning_signal.evaluate(_run(tmp_path, validation_nll=nll, distance=distance))[
        "signals"
    ]["distance"]
    assert signal["levels"]["pearson"] > 0.95
    low, high = signal["differences"]["pearson_interval"]
    assert low < 0 < high


def test_blocks_make_intervals_of_autocorrelated_series_wider():
    """Two independent, slowly varying series: p-values that take their pairs as independent exclude
    0 far more often.
    """

    def slow(seed):
        return np.convolve(np.random.default_rng(seed).normal(size=107), np.ones(8), "valid")

    pairs = [(slow(2 * seed), slow(2 * seed + 1)) for seed in range(30)]
    intervals = [
        learning_signal.correlation(x, y, seed)["pearson_interval"]
        for seed, (x, y) in enumerate(pairs)
    ]
    outside = sum(not low < 0 < high for low, high in intervals)
    naive = sum(scipy.stats.pearsonr(x, y).pvalue < 0.05 for x, y in pairs)
    assert naive > 5 and 2 * outside <= naive


def test_independent_pairs_get_the_usual_interval():
    random = np.random.default_rng(0)
    x = random.normal(size=500)
    y = 0.6 * x + 0.8 * random.normal(size=500)
    usual = scipy.stats.pearsonr(x, y).confidence_interval(0.95)
    np.testing.assert_allclose(
        learning_signal.correlation(x, y, 0)["pearson_interval"], usual, atol=0.03
    )


def test_one_enormous_nll_does_not_decide_the_ranks(tmp_path):
    nll = _walk(30, 6)
    distance = nll.copy()
    nll[-1], distance[-1] = 1e300, distance.min() - 1
    levels = learning_signal.evaluate(_run(tmp_path, validation_nll=nll, distance=distance))[
        "signals"
    ]["distance"]["levels"]
    assert levels["spearman"] > 0.7 and levels["pearson"] < 0.0


def test_rows_without_a_number_are_left_out_and_constants_say_so(tmp_path):
    nll = [1.0, None, 3.0, 2.0, 5.0, 4.0, 6.0]
    run = _run(tmp_path, validation_nll=nll, distance=np.arange(7.0), generator_loss=np.ones(7))
    result = learning_signal.evaluate(run)
    assert result["signals"]["distance"]["levels"]["count"] == 6
    assert (
        result["signals"]["distance"]["differences"]["count"] == 4
    )  # steps between neighbours that are both there
    constant = result["signals"]["generator_loss"]
    assert (
        constant["levels"]["pearson"] is None
        and constant["levels"]["reason"] == "the adversary's number is constant"
    )
    assert constant["verdict"] == "undecided"


@pytest.mark.parametrize(
    "columns, sentence",
    [
        (
            {"validation_nll": [1.0, 2.0, 3.0, 4.0], "distance": [1.0] * 4},
            r"\b4 evaluations.*\b5\b.*--monitor_steps",
        ),
        ({"validation_nll": [1.0] * 6, "loss": [1.0] * 6}, "--independent_critic"),
        ({"distance": [1.0] * 6}, "validation NLL"),
    ],
)
def test_what_cannot_be_correlated_is_refused(columns, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence):
        learning_signal.evaluate(_run(tmp_path, **columns))


def test_an_independent_critic_is_enough(tmp_path):
    columns = {
        "validation_nll": _walk(20, 1),
        "independent_test": _walk(20, 2),
        "loss": _walk(20, 1),
    }
    assert set(learning_signal.evaluate(_run(tmp_path, **columns))["signals"]) == {
        "independent_test"
    }

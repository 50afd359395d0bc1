"""examples/drift.py: calls a shift drift, and sampling error not."""

import importlib.util

import numpy as np
import pytest
import scipy.stats

from tests.helpers import ROOT, script_here
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _thresholds
from tfflowgan.serving import model_card

SCRIPT = ROOT / "examples" / "drift.py"


@pytest.fixture(scope="module")
def drift():
    spec = importlib.util.spec_from_file_location("drift", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scores(count, seed, shift=0.0):
    return np.random.default_rng(seed).gumbel(2.0 + shift, 0.3, count)


def card(count=4000, seed=0):
    bits = scores(count, seed)
    return {
        "thresholds": _thresholds.thresholds(bits, 8),
        "bits_per_dim_histogram": {"test": _thresholds.histogram(bits)},
    }


@pytest.mark.parametrize("count", [60, 1500])
def test_without_drift_the_p_value_is_uniform(drift, count):
    """Over days and cards: both are drawn anew, as the sampling error is of both."""
    values = []
    for seed in range(150):
        held_out = card(700, 1000 + seed)["bits_per_dim_histogram"]["test"]
        values.append(drift.stability(*drift.binned(scores(count, seed), held_out), seed)[1])
    assert scipy.stats.kstest(values, "uniform").pvalue > 0.001


def test_a_shift_is_found(drift):
    found = drift.compare(scores(1500, 1, shift=0.1), card())
    assert found["p_value"] < 0.002
    assert found["beyond"][0]["interval"][0] > 0.1  # more than expected
    wider = drift.compare(scores(1500, 1) * 2 - 2.2, card())  # the same mean
    assert wider["p_value"] < 0.002


def test_shares_beyond_a_threshold_are_counted_with_an_exact_interval(drift):
    held_out = card()
    found = drift.compare(scores(1500, 1), held_out)
    assert [round(row["expected"], 4) for row in found["beyond"]] == [0.1, 0.05, 0.01, 0.001]
    for row in found["beyond"]:
        low, high = row["interval"]
        assert low <= row["expected"] <= high and low <= row["share"] <= high
    high = np.full(20, 1e3)
    first = drift.compare(high, held_out)["beyond"][0]
    assert first["share"] == 1.0
    assert first["interval"] == pytest.approx([0.025 ** (1 / 20), 1.0])  # in closed form


def test_bins_have_all_images_and_about_equal_shares(drift):
    day, held_out = drift.binned(
        np.array([-9.0, 2.0, 99.0]), card()["bits_per_dim_histogram"]["test"]
    )
    assert day.sum() == 3 and day[0] >= 1 and day[-1] >= 1
    assert held_out.sum() == 4000 and len(held_out) == 10
    assert held_out.min() > 150 and held_out.max() < 700


def test_the_command_says_drift_by_its_exit_code(tmp_path):
    model_card.write(tmp_path, card())
    (tmp_path / "card.yaml").rename(tmp_path / "card-of-monday.yaml")
    for shift, code in ((0.0, 0), (0.3, 3)):
        rows = [f"a.png,{value}" for value in scores(400, 1, shift)]
        text = "\n".join(["path,bits_per_dim", *rows, "broken.png,"])
        (tmp_path / "scores.csv").write_text(text)
        monday = tmp_path / "card-of-monday.yaml"
        arguments = [f"--scores={tmp_path / 'scores.csv'}", f"--card={monday}"]
        done = script_here(SCRIPT, *arguments)
        assert done.returncode == code, done.stderr
        assert "400 images against 4000" in done.stdout and "p value" in done.stdout


def test_what_cannot_be_compared_is_refused(drift, tmp_path):
    (tmp_path / "a.csv").write_text("path,score\na,1\n")
    (tmp_path / "b.csv").write_text("path,bits_per_dim\na,nan\n")
    for name in ("a.csv", "b.csv", "none.csv"):
        with pytest.raises(UserError, match=f"--scores=.*{name}.*bits_per_dim"):
            drift.read_scores(tmp_path / name)
    (tmp_path / "c.csv").write_text("path,bits_per_dim\na,1.5\nb,\n", encoding="utf-8-sig")
    bits, without = drift.read_scores(tmp_path / "c.csv")
    assert bits.tolist() == [1.5] and without == 1
    with pytest.raises(UserError, match="thresholds.*--card"):
        drift.compare(scores(9, 0), {})

"""The figure, the table and the notes of the independent critic."""

import copy
import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.evaluation import critic_distance
from tfflowgan.report import critic_distance as report


@pytest.fixture(scope="module")
def result():
    options = {"critics": 2, "critic_updates": 6, "critic_readings": 4, "critic_batch": 8}
    found = critic_distance.evaluate(small_flow("nice"), synthetic_splits(40), **options)
    del found["arrays"]  # which go into a file of their own
    return json.loads(json.dumps(found, allow_nan=False))


@pytest.mark.slow
def test_every_split_and_the_gap_have_a_row_and_a_bar(result):
    header, rows = report.table({"a": result, "b": result})
    assert len(rows) == 8 and all(len(row) == len(header) for row in rows)
    assert rows[2][:3] == ["a", "test", "40"] and rows[3][1] == "gap: test - train"
    assert f"{result['distances']['test']['value']:.4f}" == rows[2][3]
    figure = report.figure({"a": result, "b": result})
    bars, curves = figure.axes
    assert [t.get_text() for t in bars.get_xticklabels()] == ["a", "b"] and len(curves.lines) == 2
    figure.draw_without_rendering()


def test_the_notes_say_how_the_critic_was_trained_and_what_the_gap_means(result):
    def gap(low, high, change=0.0, readings=100):
        changed = copy.deepcopy(result) | {"options": {"critic_readings": 100}}
        changed["critic"]["readings"] = readings
        changed["overfitting_gap"]["interval"], changed["critic"]["change_over_last_fifth"] = (
            [low, high],
            change,
        )
        return " ".join(report.notes({"a": changed}))

    text = gap(-1.0, 2.0)
    assert (
        "batches of 8" in text
        and "+-0.01" in text
        and "batch statistics" in text
        and "on both sides of 0" in text
    )
    assert "nearer to the training images" in gap(1.0, 2.0) and "below 0" in gap(-2.0, -1.0)
    assert "more --critic_updates" in gap(1.0, 2.0, 0.2) and "more --critic_updates" not in text
    each = [f"{value:.4f}" for value in result["distances"]["test"]["critics"]]
    assert f"means of 2 critics, whose distances of test images are {', '.join(each)}" in text
    assert "one critic" not in text
    few = gap(1.0, 2.0, readings=3)
    assert (
        "3 readings are too few" in few
        and "3 readings in place of 100" in few
        and "nearer to" not in few
    )


def test_the_notes_of_one_critic_say_what_its_errors_leave_out(result):
    """Results of one critic, and those that were written before there could be several."""
    alone = copy.deepcopy(result)
    alone["critic"]["seeds"] = [0]
    for entry in alone["distances"].values():
        entry["critics"] = entry["critics"][:1]
    old = copy.deepcopy(alone)
    del old["critic"]["seeds"]
    for entry in old["distances"].values():
        del entry["critics"]
    for found in (alone, old):
        text = " ".join(report.notes({"a": found}))
        assert "a: one critic;" in text and "not in them" in text and "means of" not in text
        assert report.table({"a": found})[1] == report.table({"a": result})[1]

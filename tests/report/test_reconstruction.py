"""Partial reconstructions as a table."""

import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.evaluation import reconstruction as evaluation
from tfflowgan.report import reconstruction as report


@pytest.mark.slow
def test_a_row_a_run_and_part_kept():
    result = evaluation.evaluate(small_flow("nvp"), synthetic_splits(), reconstructions=4)
    result |= {"pictures": {"grid": "reconstruction-grid.png"}, "arrays": "reconstruction.npz"}
    result = json.loads(json.dumps(result))
    header, rows = report.table({"run": result})
    assert [row[:4] for row in rows] == [
        ["run", "first", "8 of 16", "4"],
        ["run", "second", "8 of 16", "4"],
    ]
    assert all(len(row) == len(header) for row in rows)
    median = result["keep"][0]["median_log_prob"]
    assert rows[0][-2] == f"{median['value']:.2f}" and rows[0][-1] == "- to -"  # of four
    assert report.figure({"run": result}) is None
    del result["keep"][0]["median_log_prob"]  # as in results that were written before
    assert report.table({"run": result})[1][0][-2:] == ["-", "-"]
    assert (
        "rows from the top: originals, kept first, kept second" in report.notes({"run": result})[0]
    )

"""Partial reconstructions as a table."""

import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.evaluation import reconstruction as evaluation
from tfflowgan.report import reconstruction as report


@pytest.mark.slow
def test_a_row_a_run_and_part_kept():
    result = evaluation.evaluate(small_flow("nvp"), synthetic_splits(), reconstructions=4)
    result = json.loads(json.dumps(result | {"pictures": {"grid": "reconstruction-grid.png"}}))
    header, rows = report.table({"run": result})
    assert [row[:4] for row in rows] == [
        ["run", "first", "8 of 16", "4"],
        ["run", "second", "8 of 16", "4"],
    ]
    assert all(len(row) == len(header) for row in rows)
    assert report.figure({"run": result}) is None
    assert (
        "rows from the top: originals, kept first, kept second" in report.notes({"run": result})[0]
    )

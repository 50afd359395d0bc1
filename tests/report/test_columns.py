"""The table of the columns of `metrics.jsonl`."""

import json

from tests.helpers import ROOT
from tfflowgan.report import curves
from tfflowgan.report.columns import COLUMNS, best


def test_runs_of_every_version_have_no_column_without_a_description():
    files = [*ROOT.glob("tests/fixtures/**/metrics.jsonl"), *ROOT.glob("docs/**/metrics.jsonl")]
    written = {
        name
        for path in files
        for line in path.read_text().splitlines()
        for name in json.loads(line)
    }
    assert len(files) > 5 and written <= COLUMNS.keys()
    assert COLUMNS.keys() <= written, "a column that no run has"


def test_a_curve_is_of_a_column():
    assert {name for panel in curves._PANELS for name in panel.labels} <= COLUMNS.keys()


def test_the_best_value_is_the_lowest_nll_and_the_highest_score():
    rows = [{"validation_nll": 2.0, "mode_score": 1.0, "loss": 3.0}, {"validation_nll": None}]
    rows += [{"validation_nll": -1.0, "mode_score": 4.0}, {"validation_nll": 5.0}]
    assert best(rows, "validation_nll") == -1.0 and best(rows, "mode_score") == 4.0
    assert best(rows, "loss") is None and best(rows, "unknown") is None

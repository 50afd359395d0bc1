"""Spectra as figure and table."""

import json

import pytest

from tests.helpers import perturb, small_flow
from tfflowgan import generators
from tfflowgan.evaluation import jacobian as evaluation
from tfflowgan.report import jacobian as report


@pytest.mark.slow
def test_runs_are_shown_side_by_side(tmp_path):
    models = {
        "flow": small_flow("nice"),
        "DCGAN": perturb(generators.build("dcgan", (4, 4, 1), width=2)),
    }
    results = {
        label: json.loads(json.dumps(evaluation.evaluate(model, jacobian_draws=2)))
        for label, model in models.items()
    }
    header, rows = report.table(results)
    assert [row[0] for row in rows] == ["flow", "DCGAN"] and all(
        len(row) == len(header) for row in rows
    )
    assert rows[0][4] != "-" and rows[1][4] == "-"  # a flow alone knows its own log-determinant
    figure = report.figure(results)
    figure.savefig(tmp_path / "jacobian.png")
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == [
        "flow (float32)",
        "DCGAN (float32)",
    ]


def test_what_the_dtype_does_not_resolve_is_noted():
    result = evaluation.evaluate(small_flow("nice", dtype="float64"), jacobian_draws=2)
    coarse = result | {"dtype": "float32", "rank": {"mean": 12.5, "least": 12, "greatest": 13}}
    assert (
        "3.5 of 16 singular values lie below D eps max s in float32"
        in report.notes({"run": coarse})[0]
    )
    assert "the log-determinants agree nevertheless" in report.notes({"run": coarse})[0]
    unknown = report.notes({"run": coarse | {"own_log_det": None}})[0]
    assert "may be rounding noise; evaluate with --dtype=float64" in unknown
    off = result | {
        "own_log_det": result["own_log_det"] | {"agrees": False, "greatest_difference": 4.0}
    }
    assert "by up to 4.00 nats" in report.notes({"run": off})[0]
    assert len(report.notes({"run": result})) == 1
    zeros = result | {"zero_share": 0.25, "log_det": None, "own_log_det": None}
    zeros["log10_condition_number"] = dict.fromkeys(result["log10_condition_number"])
    assert "25 % of the singular values are exactly zero" in report.notes({"run": zeros})[0]
    assert "infinite" in report.table({"run": zeros})[1][0][5]

"""Latents as figure and table."""

import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.evaluation import latents as evaluation
from tfflowgan.report import latents as report


@pytest.mark.slow
def test_runs_are_shown_side_by_side(tmp_path):
    results = {}
    for name, chosen in {"nice": "0,1", "nvp": "1,5"}.items():
        results[name] = json.loads(
            json.dumps(evaluation.evaluate(small_flow(name), synthetic_splits(), latents=chosen))
        )
    header, rows = report.table(results)
    assert len(rows) == 4 and all(len(row) == len(header) for row in rows)
    assert [row[header.index("mean of latent 5")] == "-" for row in rows] == [
        True,
        True,
        False,
        False,
    ]
    assert rows[0][1:3] == ["validation images", "64"] and rows[1][1] == "own samples"
    figure = report.figure(results)
    figure.savefig(tmp_path / "latents.png")
    assert len(figure.axes) == 5 and figure.axes[0].get_xlabel() == "latent 0"
    assert "the prior is logistic with a standard deviation of 1.814" in report.notes(results)[0]


@pytest.mark.slow
def test_an_inverse_that_loses_its_own_samples_is_noted():
    result = evaluation.evaluate(small_flow("nvp"), synthetic_splits())
    result["own_samples"]["test"]["rejected_share"] = 0.5
    assert (
        "50 % of the latents inferred for own samples are rejected"
        in report.notes({"run": result})[1]
    )

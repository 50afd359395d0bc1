"""The figure, the table and the notes of the learning signal."""

import json

import numpy as np

from tests.evaluation.test_learning_signal import _run, _walk
from tfflowgan.evaluation import learning_signal
from tfflowgan.report import learning_signal as report


def test_every_number_has_a_row_and_every_run_a_panel(tmp_path):
    nll = _walk(20, 0)
    results = {}
    for name, columns in {
        "a": {"distance": nll, "generator_loss": np.ones(20)},
        "b": {"independent_test": 10.0 ** np.arange(20)},
        "c": {"critic_loss": [None, *nll[1:]]},
    }.items():
        result = learning_signal.evaluate(_run(tmp_path / name, validation_nll=nll, **columns))
        results[name] = json.loads(json.dumps(result, allow_nan=False))
    header, rows = report.table(results)
    assert [row[:2] for row in rows] == [
        ["a", "generator_loss"],
        ["a", "distance"],
        ["b", "independent_test"],
        ["c", "critic_loss"],
    ]
    assert all(len(row) == len(header) for row in rows)
    assert (
        rows[0][4] == "-"
        and rows[1][4].startswith("1.00 [")
        and rows[1][-1] == "follows"
        and rows[3][-1] == "opposes"
    )
    figure = report.figure(results)
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert [title.split("\n")[0] for title in titles] == [
        "a",
        "b",
        "c",
    ] and "Spearman 1.00" in titles[0]
    figure.draw_without_rendering()
    assert any(
        "a: no correlation of the levels of generator_loss: the adversary's number is constant" in n
        for n in report.notes(results)
    )

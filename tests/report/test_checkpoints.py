"""The figure, the table and the notes of a run's course."""

import json

import pytest

from tests.evaluation.test_checkpoints import FEW, ROWS, make_run
from tests.helpers import perturb, synthetic_splits
from tfflowgan.evaluation import checkpoints
from tfflowgan.report import checkpoints as report
from tfflowgan.statistics import unknown_mean

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A run with distances and one without, whose last checkpoint has no NLL."""
    run = make_run(
        tmp_path_factory.mktemp("runs") / "a",
        {"best": perturb, "snapshot-000000012": perturb},
        ROWS,
        flow="nvp",
        levels=1,
        width=2,
        blocks=1,
    )
    far = checkpoints.evaluate(run, synthetic_splits(24), checkpoint_distances=True, **FEW)
    far, plain = (json.loads(json.dumps(far, allow_nan=False)) for _ in range(2))
    for entry in plain["checkpoints"]:
        entry["distances"] = entry["overfitting_gap"] = None
    plain["snapshots"] = 0
    plain["checkpoints"][-1] |= {
        "test": {"count": 24, "nll": unknown_mean(24)},
        "problems": ["too far."],
    }
    return {"far": far, "plain": plain}


def test_a_checkpoint_has_a_row(results):
    header, rows = report.table(results)
    assert len(rows) == 4 and all(len(row) == len(header) for row in rows)
    assert rows[0][:3] == ["far", "best", "10"] and "+-" in rows[0][5] and "+-" in rows[0][-1]
    assert rows[3][5] == "-" and rows[3][-1] == "-"
    assert not any("distance" in name for name in report.table({"plain": results["plain"]})[0])


def test_a_kind_of_number_has_a_panel(results):
    for shown, panels in ((results, 3), ({"plain": results["plain"]}, 2)):
        figure = report.figure(shown)
        assert len([axis for axis in figure.axes if axis.get_title()]) == panels
        figure.draw_without_rendering()


def test_the_notes_say_what_is_missing(results):
    text = " ".join(report.notes(results))
    assert "plain: only the checkpoints that every run keeps" in text and "far: only" not in text
    assert "plain: too far." in text and "critic of its last checkpoint" in text

"""Learning curves."""

import importlib
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.report.curves import overlaid, plot_curves

LIKELIHOOD = [
    {"step": 10 * i, "loss": -1.0 * i, "train_nll": -100.0 * i, "validation_nll": -90.0 * i}
    for i in range(1, 4)
]
ADVERSARIAL = [
    {
        "step": i,
        "loss": 0.1,
        "distance": 0.2 * i,
        "train_nll": 10.0**i,
        "validation_nll": None if i == 3 else 10.0**i,
    }
    for i in range(1, 8)
]
IMPLICIT = [{"step": i, "loss": 0.1, "distance": -0.2, "gradient_norm": 0.0} for i in range(3)]


def test_the_figures_of_a_notebook_are_left_alone(tmp_path, monkeypatch):
    before = matplotlib.get_backend()
    matplotlib.use("svg")
    try:
        monkeypatch.delitem(sys.modules, "tfflowgan.report.curves")
        curves = importlib.import_module("tfflowgan.report.curves")
        curves.plot_curves(LIKELIHOOD, tmp_path / "curves.png", "title", 16)
        assert matplotlib.get_backend() == "svg"
    finally:
        matplotlib.use(before)


@pytest.mark.parametrize(
    "rows, panels", [(LIKELIHOOD, 2), (ADVERSARIAL, 3), (IMPLICIT, 3), (LIKELIHOOD[:1], 2)]
)
def test_a_figure_has_a_panel_for_what_is_there(rows, panels, tmp_path, monkeypatch):
    seen = []

    def save(figure, *arguments, save=Figure.savefig, **options):
        seen.append([a for a in figure.axes if a.get_title()])
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", save)
    plot_curves(rows, tmp_path / "curves.png", "title", 16)
    assert len(seen[0]) == panels
    for axis in seen[0]:
        assert axis.lines and axis.axison
    with Image.open(tmp_path / "curves.png") as picture:
        assert min(picture.size) > 300


def _filled(figure):
    """The share of the figure's width that the panels of each row cover."""
    figure.draw_without_rendering()
    rows = {}
    for axis in [axis for axis in figure.axes if axis.get_title()]:
        box = axis.get_subplotspec().get_position(figure)
        rows[round(box.y0, 3)] = rows.get(round(box.y0, 3), 0.0) + box.width
    return rows.values()


def _run(label, rows, shape=(4, 4, 1)):
    return {"label": label, "rows": rows, "data": {"image_shape": shape}}


def _timed(rows, per_epoch=2):
    return [row | {"epoch": row["step"] / per_epoch, "seconds": 6.0 * row["step"]} for row in rows]


def test_no_place_for_a_panel_stays_empty():
    figure = overlaid([_run("a", ADVERSARIAL), _run("b", ADVERSARIAL)], ["a", "b"])
    assert len([a for a in figure.axes if a.get_title()]) == 3 and min(_filled(figure)) > 0.7


def test_epochs_stand_above_steps():
    figure = overlaid([_run("a", _timed(LIKELIHOOD)), _run("b", _timed(LIKELIHOOD))], ["a", "b"])
    figure.draw_without_rendering()
    upper = [child for axis in figure.axes for child in axis.child_axes]
    assert upper and all(axis.get_xlabel() == "epochs" for axis in upper)
    assert upper[0].get_xlim()[1] == pytest.approx(figure.axes[0].get_xlim()[1] / 2)
    both = [_run("a", _timed(LIKELIHOOD)), _run("b", _timed(LIKELIHOOD, per_epoch=5))]
    assert not [c for axis in overlaid(both, ["a", "b"]).axes for c in axis.child_axes]


@pytest.mark.parametrize(("over", "last"), [("steps", 30), ("epochs", 15.0), ("minutes", 3.0)])
def test_curves_are_drawn_over_steps_epochs_or_minutes(over, last, tmp_path):
    runs = [_run("a", _timed(LIKELIHOOD)), _run("b", LIKELIHOOD[:0])]
    figure = overlaid(runs, ["a", "b"], over)
    assert figure.axes[0].lines[0].get_xdata()[-1] == pytest.approx(last)
    assert [text.get_text() for text in figure.legends[0].texts] == ["a"]
    if over != "steps":
        with pytest.raises(UserError, match=f"--curves_over={over}.*title"):
            plot_curves(LIKELIHOOD, tmp_path / "curves.png", "title", 16, over)


def test_ticks_of_folded_scales_do_not_crowd():
    rows = [{"step": i, "validation_nll": v} for i, v in enumerate((-3e3, -1.0, 1e11))]
    axis = overlaid([_run("a", rows)], ["a"]).axes[0]
    assert axis.get_yscale() == "symlog" and len(axis.get_yticks()) <= 12
    assert not [tick for tick in axis.get_yticks() if 0 < abs(tick) < 1000]

"""Learning curves."""

import importlib
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image

from tfflowgan.report.curves import plot_curves

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
    with Image.open(tmp_path / "curves.png") as picture:
        assert min(picture.size) > 300

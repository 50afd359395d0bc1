"""The figure and the table of the mixtures."""

import copy
import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.evaluation import mixture
from tfflowgan.report import mixture as report

SETTINGS = {"kde_samples": 40, "bandwidths": 5, "mixture_score_samples": 20}


@pytest.fixture(scope="module")
def plain():
    result = mixture.evaluate(small_flow("nice"), synthetic_splits(30), **SETTINGS)
    return json.loads(
        json.dumps(
            result | {"pictures": {name: f"{name}.png" for name in result["pictures"]}},
            allow_nan=False,
        )
    )


@pytest.fixture
def scored(plain):
    """The same with scores: better than the model's up to sigma 0.1."""
    result = copy.deepcopy(plain)
    result |= {"no_scores": None, "model": _score(5.0), "test_images": _score(9.0)}
    result["exact"]["validation_nll"]["value"] = 1e9
    for i, row in enumerate(result["gmm"]["curve"]):
        row |= _score(8.0 if row["bandwidth"] < 0.1 else 3.0) if i % 2 == 0 else _score(None)
    result["gmm"] |= _score(3.0)
    return result


def _score(value):
    return {
        name: {"value": value, "standard_error": value}
        for name in ("inception_score", "mode_score")
    }


@pytest.mark.slow
def test_runs_share_a_figure_and_have_their_rows(plain, scored):
    for results, panels in (({"a": plain}, 1), ({"a": plain, "b": scored}, 2)):
        drawing = report.figure(results)
        assert len(drawing.axes) == panels
        drawing.canvas.draw()
        header, rows = report.table(results)
        assert all(len(row) == len(header) for row in rows)
    assert [row[1] for row in rows] == [
        "exact",
        "KDE of samples",
        "GMM",
        "exact",
        "KDE of samples",
        "GMM",
        "test images",
    ]
    labels = [text.get_text() for text in drawing.axes[0].get_legend().get_texts()]
    assert {
        "GMM",
        "a, exact",
        "b, exact",
        "KDE of a's samples",
        "GMM better than b in both",
    } <= set(labels)
    assert "GMM, b" not in labels, "the same GMM is drawn once"


def test_bandwidths_at_which_a_copy_beats_the_model_are_told(scored):
    row = [row["bandwidth"] for row in scored["gmm"]["curve"] if row["mode_score"]["value"] == 8.0]
    assert report.better_than_model(scored, "mode_score") == [(row[0], row[-1])]
    assert (
        "a copy of the training images, has a lower validation NLL and a higher MODE score"
        in " ".join(report.notes({"a": scored}))
    )
    scored["exact"]["validation_nll"]["value"] = -1e9
    assert report.better_than_model(scored, "mode_score") == []
    assert "at no bandwidth that was scored" in " ".join(report.notes({"a": scored}))


def test_notes_name_the_kdes_error_missing_scores_and_an_end_of_the_range(plain):
    plain = copy.deepcopy(plain)
    plain["kde"]["at_end"] = True
    text = " ".join(report.notes({"a": plain}))
    off = plain["kde"]["test_nll"]["value"] - plain["exact"]["test_nll"]["value"]
    assert f"off by {off:.2f} nats" in text and "no scores: there is no classifier" in text
    assert "is an end of the range 0.01 to 1" in text


def test_a_generator_without_a_density_is_shown_by_its_kde(plain):
    plain = plain | {"exact": None}
    assert [row[1] for row in report.table({"a": plain})[1]] == [
        "the model's samples",
        "KDE of samples",
        "GMM",
    ]
    assert len(report.figure({"a": plain}).axes) == 1 and report.notes({"a": plain})

"""Results of version 0.1.0, as they are read now."""

import json
import pathlib

import pytest

from tests.helpers import ROOT
from tfflowgan.errors import UserError
from tfflowgan.report import results

OLD = pathlib.Path(__file__).parents[1] / "fixtures" / "v0_1"
KEPT = ROOT / "docs" / "results" / "nice_mnist_objectives" / "mle" / "results"
FILES = [
    *(OLD / "finished" / "results").glob("*.json"),
    OLD / "sample_scores.json",
    *KEPT.glob("*.json"),
]
SHOWN = {  # of each evaluation: where a mean is in format 2, and where its value and error were
    "annealing": [
        ("own_samples gap", "own_samples gap", "own_samples gap_standard_error"),
        ("ais_nll", "ais_nll", "ais_nll_standard_error"),
    ],
    "checkpoints": [
        (
            "checkpoints 0 test nll",
            "checkpoints 0 test nll",
            "checkpoints 0 test nll_standard_error",
        )
    ],
    "critic_distance": [
        ("overfitting_gap", "overfitting_gap value", "overfitting_gap standard_error"),
        ("distances test", "distances test value", "distances test standard_error"),
    ],
    "jacobian": [("own_log_det", "own_log_det mean", "own_log_det standard_error")],
    "latents": [
        ("images latents 1 mean", "images latents 1 mean", "images latents 1 mean_standard_error"),
        (
            "images latents 1 deviation",
            "images latents 1 deviation",
            "images latents 1 deviation_standard_error",
        ),
    ],
    "learning_signal": [],
    "likelihood": [
        ("test bits_per_dim", "test bits_per_dim", "test bits_per_dim_standard_error"),
        ("identity difference", "identity difference", "identity difference_standard_error"),
    ],
    "mixture": [
        ("gmm test_nll", "gmm test_nll", "gmm test_nll_standard_error"),
        (
            "gmm curve 0 mode_score",
            "gmm curve 0 mode_score",
            "gmm curve 0 mode_score_standard_error",
        ),
    ],
    "reconstruction": [("keep 0 log_prob", "keep 0 log_prob", "keep 0 log_prob_standard_error")],
    "sample_scores": [
        ("samples mode_score", "samples mode_score", "samples mode_score_standard_error"),
        ("train kid", "train kid", "train kid_standard_error"),
    ],
}


def _at(result, place):
    for key in place.split():
        result = result[int(key) if key.isdigit() else key]
    return result


def _means(values):
    """Every {"value", ...} in nested values."""
    if isinstance(values, dict):
        yield from [values] if "value" in values else []
    for inner in values.values() if isinstance(values, dict) else values:
        if isinstance(inner, dict | list):
            yield from _means(inner)


def _keys(values):
    """All keys of nested values."""
    for key, inner in values.items() if isinstance(values, dict) else enumerate(values):
        yield str(key)
        if isinstance(inner, dict | list):
            yield from _keys(inner)


def test_there_is_an_old_result_of_every_evaluation():
    assert {json.loads(path.read_text())["evaluation"] for path in FILES} == SHOWN.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_an_old_result_has_the_same_numbers_in_the_new_shape(path):
    old, new = json.loads(path.read_text()), results.read(path)
    assert "format" not in old and new["format"] == results.FORMAT == 2
    assert not any(key.endswith("_standard_error") for key in _keys(new))
    assert all("standard_error" in mean and "mean" not in mean for mean in _means(new))
    for place, value, error in SHOWN[old["evaluation"]]:
        mean = _at(new, place)
        assert (mean["value"], mean["standard_error"]) == (_at(old, value), _at(old, error))
    kept = ("options", "weights", "data", "provenance", "key")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    assert results.upgrade(new) is new


def test_a_distance_tells_its_images_from_its_readings():
    path = KEPT / "critic_distance.json"
    old, new = json.loads(path.read_text()), results.read(path)
    for name, entry in new["distances"].items():
        assert entry["images"] == old["distances"][name]["count"]
        assert entry["count"] == old["critic"]["readings"]
        assert entry["interval"] == old["distances"][name]["interval"]


def test_numbers_that_had_no_error_have_none():
    curve = results.read(KEPT / "mixture.json")["kde"]["curve"]
    known = json.loads((KEPT / "mixture.json").read_text())["kde"]["curve"]
    expected = [{"value": row["validation_nll"], "standard_error": None} for row in known]
    assert [row["validation_nll"] for row in curve] == expected
    whole = results.read(KEPT / "reconstruction.json")["all_kept"]
    assert whole["mean_squared_error"]["standard_error"] is None


def test_an_auto_encoders_measurement_is_upgraded():
    term = {"nats": 1.0, "standard_error": 0.1, "gap": -0.5, "gap_standard_error": 0.2}
    old = {"elbo": -9.0, "kl": {"nats": 2.0, "standard_error": 0.3, "terms": [0.5, 1.5]}}
    old["discriminators"] = {
        "a": term | {"term_gaps": [0.1, 0.2], "term_gap_standard_errors": [0.01, None]},
        "b": term | {"term_gaps": None, "term_gap_standard_errors": None},
    }
    new = results.upgrade(old)
    entry = {"value": 1.0, "standard_error": 0.1, "gap": {"value": -0.5, "standard_error": 0.2}}
    gaps = [{"value": 0.1, "standard_error": 0.01}, {"value": 0.2, "standard_error": None}]
    assert new == {
        "format": 2,
        "elbo": -9.0,
        "kl": {"value": 2.0, "standard_error": 0.3, "terms": [0.5, 1.5]},
        "discriminators": {"a": entry | {"term_gaps": gaps}, "b": entry | {"term_gaps": None}},
    }


@pytest.mark.parametrize(
    "text", ["[]", "3", "{}", '{"dataset": "mnist"}', "{", '{"evaluation": "mixture"}']
)
def test_what_is_no_result_is_told_apart(text, tmp_path):
    (tmp_path / "file.json").write_text(text)
    with pytest.raises(ValueError, match=r"file\.json|Expecting"):
        results.read(tmp_path / "file.json")


def test_a_later_format_is_refused(tmp_path):
    (tmp_path / "file.json").write_text('{"evaluation": "likelihood", "format": 3}')
    with pytest.raises(UserError, match=r"file\.json.*format 3"):
        results.read(tmp_path / "file.json")

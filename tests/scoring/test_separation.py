"""How well two folders are told apart, and the files that say so."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.scoring import made
from tfflowgan.errors import UserError
from tfflowgan.scoring import separation
from tfflowgan.scoring.auroc import auroc


def row(path, unusual, bits, typicality):
    return {"path": path, "unusual": unusual, "bits_per_dim": bits, "typicality": typicality}


@pytest.fixture
def collector():
    random = np.random.default_rng(0)
    found = separation.Collector(["likelihood", "typicality"], "likelihood")
    for i in range(40):
        label = int(i >= 30)
        found.add(row(f"{i}.png", label, float(random.normal(3 * label)), float(random.normal())))
    return found


def result(collector, reference=None, chosen=False):
    return separation.result(collector, reference, "likelihood", chosen, 99.0)


def test_every_score_has_its_areas(collector):
    found, arrays = result(collector), collector.arrays()
    for name in ("likelihood", "typicality"):
        usual, unusual = arrays[name]
        assert found["scores"][name]["auroc"]["value"] == auroc(unusual, usual)
    assert found["counts"] == {"usual": 30, "unusual": 10} and found["threshold"] is None
    json.dumps(found, allow_nan=False)


def test_the_best_score_is_said_to_be_chosen_on_these_images(collector):
    assert result(collector)["best"] == {
        "scores": ["likelihood"],
        "remark": separation.OPTIMISTIC,
    }
    assert "--score" in separation.OPTIMISTIC
    assert result(collector, chosen=True)["score"]["fixed_beforehand"] is True
    alone = separation.Collector(["likelihood"], "likelihood")
    for i in range(4):
        alone.add(row("", i % 2, float(i % 2), None))
    assert result(alone)["best"]["remark"] is None


def test_the_threshold_counts_both_folders(collector):
    reference = made.model().reference
    reference.held_out["likelihood"].sort()
    limit = np.quantile(reference.held_out["likelihood"], 0.99, method="inverted_cdf")
    found = separation.Collector(["likelihood"], "likelihood")
    for label, values in ((0, [limit - 1, limit - 1, limit + 1]), (1, [limit - 1, limit + 1])):
        for value in values:
            found.add(row("", label, value, None))
    threshold = result(found, reference)["threshold"]
    counts = [threshold[f"{t}_{k}"] for t in ("true", "false") for k in ("positives", "negatives")]
    assert counts == [1, 2, 1, 1] and threshold["value"] == limit


def test_a_score_that_is_not_known_of_all_images_is_left_out(collector):
    collector.add(row("new.png", 0, 1.0, None))
    found = result(collector)
    assert [*found["scores"]] == ["likelihood"] and found["unknown_scores"] == ["typicality"]


@pytest.mark.parametrize(("label", "flag"), [(1, "--images"), (0, "--unusual")])
def test_a_folder_without_rows_is_refused(label, flag):
    found = separation.Collector(["likelihood"], "likelihood")
    found.add(row("", label, 1.0, None))
    with pytest.raises(UserError, match=flag):
        result(found)


def test_the_sheet_has_the_ends_of_both_folders(collector):
    _, unusual = collector.arrays()["likelihood"]
    most, least = collector.sheet()[:2]
    assert most[0].startswith("--unusual") and len(most[1]) == 8
    assert [value for _, value in most[1]] == sorted(unusual)[::-1][:8]
    assert [value for _, value in least[1]] == sorted(unusual)[:8]
    assert most[1][0][0] == f"{30 + int(np.argmax(unusual))}.png"


@pytest.mark.slow
def test_three_files_are_written(collector, tmp_path):
    pixels = made.pixels(1)[0]
    paths = separation.write(
        tmp_path / "scores.csv", result(collector), collector, lambda path: pixels
    )
    names = ["scores.json", "scores.png", "scores.sheet.png"]
    assert [p.name for p in paths] == names == sorted(p.name for p in tmp_path.iterdir())
    assert json.loads(paths[0].read_text())["counts"]["unusual"] == 10
    for path in paths[1:]:
        picture = np.asarray(Image.open(path).convert("RGB"))
        assert picture.shape[0] > 300 and picture.std() > 5

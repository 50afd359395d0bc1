"""What is read of a run: damaged files are one sentence; files of older versions keep meaning."""

import json

import pytest

from tests.helpers import ROOT
from tests.report.runs import kept_run
from tfflowgan import config
from tfflowgan.errors import UserError
from tfflowgan.report import differences
from tfflowgan.report.folders import find, read_run
from tfflowgan.report.page import render
from tfflowgan.training.resolve import resolve


def _rewrite(path, **changes):
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v != "gone"}))


@pytest.fixture
def folder(tmp_path):
    return kept_run(tmp_path / "run", [{"step": 1, "seconds": None, "loss": 0.5}])


def test_a_whole_run_is_shown(folder):
    assert "somewhere" in render([folder], "title") and read_run(folder)["rows"][0]["loss"] == 0.5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("5", "line 2 holds no JSON object"),
        ("[1]", "line 2 holds no JSON object"),
        ('{"loss": 1.0}', 'line 2 has no "step"'),
        ('{"step": null}', 'line 2 has no "step"'),
        ('{"step": 2, "loss": "low"}', '"loss" is no number in line 2'),
    ],
)
def test_a_damaged_line_is_one_sentence(folder, line, said):
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(UserError, match=f"--runs: .*run/metrics.jsonl is damaged: {said}"):
        render([folder], "title")


def test_a_line_that_was_cut_off_is_left_out(folder):
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "lo')
    assert len(read_run(folder)["rows"]) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train": "gone"}, '"train" is null'),
        ({"test": "many"}, '"test" is "many"'),
        ({"name": "gone"}, '"name" is null'),
        ({"image_shape": None}, '"image_shape" is null'),
        ({"image_shape": [4, 4]}, r'"image_shape" is \[4, 4\]'),
        ({"image_shape": [4, 4, None]}, r'"image_shape" is \[4, 4, None\]'),
    ],
)
def test_damaged_data_is_one_sentence(folder, changes, said):
    _rewrite(folder / "data.json", **changes)
    with pytest.raises(UserError, match=f"--runs: .*run/data.json is damaged: its {said}"):
        render([folder], "title")


def test_a_damaged_config_is_one_sentence(folder):
    _rewrite(folder / "config.json", objective=None)
    with pytest.raises(UserError, match='run/config.json is damaged: its "objective" is null'):
        render([folder], "title")
    (folder / "config.json").write_text("[]")
    with pytest.raises(UserError, match="run/config.json is damaged: it holds no JSON object"):
        render([folder], "title")
    _rewrite(kept_run(folder / "b") / "config.json", format="new")
    with pytest.raises(UserError, match="b/config.json is damaged.*format"):
        render([folder / "b"], "title")


@pytest.mark.parametrize("text", [",", " ", ", ,"])
def test_names_of_nothing_are_refused(text):
    with pytest.raises(UserError, match=f"--runs={text} names no run"):
        find(text)


def test_what_an_older_file_lacks_has_its_former_value(tmp_path):
    was = json.loads((ROOT / "tests/fixtures/v0_1/finished/config.json").read_text())
    old, new = kept_run(tmp_path / "old"), kept_run(tmp_path / "new")
    (old / "config.json").write_text(json.dumps(was))
    read = config.from_file(str(old / "config.json"))
    today = resolve(config.Config(**read | {"data_dir": None})).to_json()
    (new / "config.json").write_text(today)
    runs = [read_run(old), read_run(new)]
    assert differences.differing(runs) == []
    _rewrite(new / "config.json", tf32=False, mixing=True)
    assert set(differences.differing([runs[0], read_run(new)])) == {"mixing", "tf32"}


@pytest.mark.parametrize("flow", ["nvp", "real_nvp"])
def test_options_of_a_flow_that_an_older_file_leaves_out_are_those_it_was_built_with(
    flow, tmp_path
):
    was = {"dataset": "cifar10", "objective": "mle", "flow": flow, "format": 3, "width": 8}
    (tmp_path / "config.json").write_text(json.dumps(was))
    built = resolve(config.Config(**config.from_file(str(tmp_path / "config.json"))))
    found = config.filled(was)
    names = [name for name in config.FLOW_FIELDS if name != "network"]
    assert {n: found[n] for n in names} == {n: getattr(built, n) for n in names}
    assert found["width"] == 8 and found["dtype"] == "float32"

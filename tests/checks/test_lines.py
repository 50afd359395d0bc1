"""A check's lines: what fails ends nothing, and all of it is in the JSON."""

import json

import pytest

from checks.lines import Failed, Lines, run_command
from tfflowgan.errors import UserError


def test_every_line_is_kept(tmp_path, capsys):
    path = tmp_path / "check.json"
    lines = Lines("made", path, 60.0, device="cpu")

    def differs():
        raise Failed("they differ", {"by": 3, "of": [float("nan")]})

    lines.run("good", lambda: {"value": 1})
    lines.run("bad", differs)
    lines.run("broken", lambda: {"value": 1 / 0})
    assert json.loads(path.read_text())["passed"] is None  # so far
    assert lines.finish() == 1
    found = json.loads(path.read_text())
    assert found["passed"] is False and found["device"] == "cpu" and found["provenance"]["packages"]
    assert [(line["name"], line["passed"]) for line in found["lines"]] == [
        ("good", True),
        ("bad", False),
        ("broken", False),
    ]
    assert found["lines"][1]["why"] == "they differ" and found["lines"][1]["numbers"] == {
        "by": 3,
        "of": [None],
    }
    assert "ZeroDivisionError" in found["lines"][2]["why"]
    assert "FAILED  bad" in capsys.readouterr().out


def test_lines_without_time_are_skipped_and_do_not_pass(tmp_path):
    lines = Lines("made", tmp_path / "check.json", -1.0)
    lines.run("late", lambda: {})
    assert lines.finish() == 1 and lines.found["lines"][0]["passed"] is None


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(UserError, match="--output=.*nowhere"):
        Lines("made", tmp_path / "nowhere" / "check.json", 60.0)


def test_a_command_that_fails_is_told_by_its_last_words():
    with pytest.raises(Failed, match="bin/reproduce ended with code 1 and said: .*--scale=huge"):
        run_command("reproduce", "all", "--scale=huge")

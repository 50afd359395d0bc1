"""The check of a server, against stand-ins that serve one version of one model."""

import json
import sys

import pytest

from checks import serving, serving_lines
from checks.serving_servers import Server
from tests.serving import runtime, servers


def test_a_server_that_is_not_there_is_refused_in_one_sentence(monkeypatch, capsys, tmp_path):
    output = tmp_path / "a.json"
    monkeypatch.setattr(sys, "argv", ["s", "--server=/nowhere/server", f"--output={output}"])
    monkeypatch.setattr(serving_lines, "Models", lambda folder, root: None)
    assert serving.main() == 1 and not output.exists()
    said = capsys.readouterr().err
    assert said.startswith("checks.serving: --server=/nowhere/server") and said.count("\n") == 1


@pytest.mark.slow
def test_a_program_that_is_no_server_is_told_by_its_last_words(monkeypatch, capsys, tmp_path):
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\necho cannot start >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "argv", ["s", f"--server={program}", f"--output={tmp_path}/a.json"])
    assert serving.main() == 1
    assert "did not come up; its last words are: cannot start" in capsys.readouterr().err


@pytest.mark.slow
def test_the_lines_find_what_a_stand_in_has_and_lacks(monkeypatch, tmp_path):
    """It has no status of models, no metrics and no second version."""
    monkeypatch.setattr(serving_lines, "_WAIT", 1.0)
    (tmp_path / "models").mkdir()
    models = serving_lines.Models(tmp_path / "models")
    served = runtime.Runtime(models.folder / "small" / "1")
    with servers.rest(served) as (rest, _), servers.grpc_server(served) as (grpc, _):
        server = Server("stand-in", "1", rest, grpc)
        assert serving.check(server, models, tmp_path / "check.json") == 1
    found = json.loads((tmp_path / "check.json").read_text())
    passed = {line["name"]: line["passed"] for line in found["lines"]}
    assert passed == {
        "answers by rest": True,
        "refusals by rest": True,
        "answers by grpc": True,
        "refusals by grpc": True,
        "score_encoded by curl": True,
        "health.sh": False,
        "metrics": False,
        "a new version": False,
    }
    why = {line["name"]: line["why"] for line in found["lines"]}
    assert "version 2 did not answer" in why["a new version"]
    assert found["server"] == "stand-in" and found["passed"] is False

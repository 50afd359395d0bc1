"""What python -m tfflowgan.portable refuses before it compiles anything."""

import json

import numpy as np
import pytest

from tfflowgan.errors import UserError
from tfflowgan.portable import OutOfTime, __main__, finite

KINDS = ("training", "log_prob", "sample", "jacobian", "ais")


@pytest.fixture
def ask(tmp_path, capsys):
    """Calls the command for a program that is nothing but a description; gives its sentence."""
    folder = tmp_path / "program"
    folder.mkdir()

    def ask(kind, *flags):
        about = {"format": 1, "kind": kind, "identity": "this"}
        (folder / "program.json").write_text(json.dumps(about))
        assert __main__.main([str(folder), *(f.format(tmp=tmp_path) for f in flags)]) == 1
        (sentence,) = capsys.readouterr().err.strip().splitlines()
        return sentence

    return ask


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_cannot_be(ask, tmp_path, kind):
    assert "--output=" in ask(kind, "--output={tmp}/program") and "is the program" in ask(
        kind, "--output={tmp}/./program"
    )
    (tmp_path / "file").touch()
    assert f"--output={tmp_path}/file/a cannot be made" in ask(kind, "--output={tmp}/file/a")


@pytest.mark.parametrize("kind", ["training", "jacobian", "ais"])
@pytest.mark.parametrize("flag", ["--minutes=0.0", "--save_minutes=nan", "--part_mb=1e-09"])
def test_numbers_that_are_out_of_range(ask, tmp_path, kind, flag):
    assert flag in ask(kind, "--output={tmp}/found", flag)
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize("kind", ["sample", "jacobian"])
@pytest.mark.parametrize("flag", ["--count=0", f"--count={2**40}", "--seed=-1"])
def test_draws_that_are_out_of_range(ask, kind, flag):
    assert flag in ask(kind, "--output={tmp}/found", flag)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_memory_names_what_the_program_takes(ask, monkeypatch, kind):
    def full(*arguments, **settings):
        raise MemoryError

    monkeypatch.setitem(__main__._RUNS, kind, full)
    sentence = ask(kind, "--output={tmp}/found")
    assert "memory is full" in sentence
    assert ("--count" in sentence) == (kind in ("sample", "jacobian"))


@pytest.mark.parametrize("kind", ["log_prob", "jacobian", "ais"])
@pytest.mark.parametrize("found", ['{"program": "another"}', "{}", "damaged"])
def test_results_of_something_else_are_not_overwritten(ask, tmp_path, kind, found):
    (tmp_path / "found").mkdir()
    path = tmp_path / "found" / f"{kind}.json"
    path.write_text(found)
    sentence = ask(kind, "--output={tmp}/found")
    assert f"--output={tmp_path}/found holds {kind}.json of another program" in sentence
    assert path.read_text() == found


def test_advice_is_that_of_the_caller_and_none_in_float64():
    values = np.array([1.0, np.nan])
    with pytest.raises(UserError, match=r"^1 of 2 bounds .* float32; do this\.$"):
        finite(values, "bounds", "float32", "do this")
    with pytest.raises(UserError, match=r"^1 of 2 bounds .* float64\.$"):
        finite(values, "bounds", "float64", "do this")


def test_programs_of_others_can_catch_the_end_of_the_minutes():
    assert issubclass(OutOfTime, Exception)

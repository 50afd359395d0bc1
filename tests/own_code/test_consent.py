"""A file is executed if the user named it, or agreed to it, and not otherwise."""

import pytest

from tests.own_code.files import FLOW
from tfflowgan import own_code
from tfflowgan.errors import UserError


@pytest.fixture
def name(tmp_path):
    (tmp_path / "my_flow.py").write_text("VALUE = []\ndef build(): return VALUE\n")
    return f"{tmp_path}/my_flow.py:build"


def test_without_consent_nothing_is_executed(name):
    with pytest.raises(UserError, match="my_flow.py.*--flow.*--allow_code"):
        own_code.function(name, "flow")


def test_consent_is_for_a_file_or_for_all_and_ends(name, tmp_path):
    with own_code.consent([name, "nice", None, 3]):
        assert own_code.function(name, "flow")() == []
    with own_code.consent([f"{tmp_path}/other.py:build"]), pytest.raises(UserError):
        own_code.function(name, "flow")
    with own_code.consent(everything=True):
        with own_code.consent():  # what was agreed to outside holds inside
            own_code.function(name, "flow")
    with pytest.raises(UserError, match="--allow_code"):
        own_code.function(name, "flow")


def test_a_file_is_executed_once_per_content(name, tmp_path):
    with own_code.consent([name]):
        first = own_code.function(name, "flow")()
        assert own_code.function(name, "flow")() is first
        (tmp_path / "my_flow.py").write_text("def build(): return 'new'\n")
        assert own_code.function(name, "flow")() is first  # read once inside a scope
    with own_code.consent([name]):
        assert own_code.function(name, "flow")() == "new"


def test_a_changed_and_a_missing_file_are_named(name, tmp_path):
    values = {"flow": name, "dataset": "mnist", "width": 3}
    recorded = own_code.digests(values.values())
    assert list(recorded) == [f"{tmp_path}/my_flow.py"]
    own_code.refuse_changed(values, recorded, "the run")
    (tmp_path / "my_flow.py").write_text(FLOW)
    with pytest.raises(UserError, match="my_flow.py has changed since the run"):
        own_code.refuse_changed(values, recorded, "the run")
    (tmp_path / "my_flow.py").unlink()
    with pytest.raises(UserError, match="the run needs.*my_flow.py"):
        own_code.refuse_changed(values, recorded, "the run")


def test_a_file_that_moved_is_found_by_name_and_checksum(name, tmp_path, monkeypatch):
    values = {"flow": name, "dataset": "mnist", "width": 3}
    recorded = own_code.digests(values.values())
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    here = tmp_path / "here" / "my_flow.py"
    here.write_text((tmp_path / "my_flow.py").read_text())
    assert own_code.found_again(values, recorded) == values  # it still is where it was
    (tmp_path / "my_flow.py").unlink()
    assert own_code.found_again(values, recorded) == values | {"flow": f"{here}:build"}
    assert own_code.found_again(values, {}) == values
    here.write_text("another")
    assert own_code.found_again(values, recorded) == values


def test_an_error_of_the_file_is_one_sentence_with_its_line(tmp_path):
    (tmp_path / "bad.py").write_text("x = 1\ny = 1 / 0\ndef build(): pass\n")
    name = f"{tmp_path}/bad.py:build"
    with own_code.consent([name]), pytest.raises(UserError, match="bad.py.*ZeroDiv.*line 2"):
        own_code.function(name, "flow")

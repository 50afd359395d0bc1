"""Names of functions in files: what they mean, and what is read from the source alone."""

import pytest

from tests.own_code.files import FLOW
from tfflowgan import own_code, plugins
from tfflowgan.config import Config, parse_options, run_name
from tfflowgan.errors import UserError


@pytest.fixture
def flow_file(tmp_path, monkeypatch):
    (tmp_path / "my_flow.py").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my_flow.py"


def top_level(image_shape, width=3):
    return None


@pytest.mark.parametrize(
    "value, is_one",
    [
        ("my_flow.py:build", True),
        ("/a/b.py:build", True),
        ("nice", False),
        ("my_flow.py", False),
        ("my_flow.py:", False),
        ("my_flow.txt:build", False),
        ("my_flow.py:a.b", False),
        (None, False),
        (3, False),
    ],
)
def test_what_a_name_of_code_is(value, is_one):
    assert own_code.is_code(value) == is_one


def test_labels_are_short():
    assert own_code.label("/a/my_flow.py:build") == "my_flow"
    assert own_code.label("/a/my_flow.py:other") == "my_flow_other"
    assert own_code.label("nice") == "nice"


def test_a_configuration_holds_absolute_paths_and_reads_options_without_executing(
    flow_file, capsys
):
    config = Config(flow="my_flow.py:build")
    assert config.flow == f"{flow_file}:build"
    assert run_name(config) == "mnist_my_flow_mle"
    assert plugins.options("flows", config.flow, "flow") == {"width": 4, "depth": 1}
    assert "executed" not in capsys.readouterr().out


def test_only_literal_defaults_are_options(tmp_path):
    (tmp_path / "a.py").write_text("import os\ndef f(x, a=1, b=os.sep, *, c=(1, 2), d): pass\n")
    name = f"{tmp_path}/a.py:f"
    assert own_code.defaults(name, "flow") == {"a": 1, "c": (1, 2)}
    assert own_code.defaults(name, "flow", keyword_only=True) == {"c": (1, 2)}


@pytest.mark.parametrize(
    "content, name, sentence",
    [
        (None, "my.py:build", "--flow=.*my.py:build"),
        ("def build(:", "my.py:build", "--flow=.*my.py:build.*line 1"),
        ("def other(): pass", "my.py:build", "--flow=.*my.py:build.*other"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(content, name, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "my.py").write_text(content)
    with pytest.raises(UserError, match=sentence):
        Config(flow=name)


def test_a_network_must_be_code():
    with pytest.raises(UserError, match="--network=resnet"):
        Config(network="resnet")


def test_only_functions_at_the_top_level_of_a_file_have_a_name():
    assert own_code.name_of(top_level) == f"{__file__}:top_level"

    def inner():
        pass

    for function in (inner, lambda: 0, "text", len, dict):
        assert own_code.name_of(function) is None


def test_options_are_literals_and_words():
    text = "depth=3,rate=0.5,mode=fast,on=true,sizes=(1, 2),name='a,b',none=None"
    assert parse_options(text) == {
        "depth": 3,
        "rate": 0.5,
        "mode": "fast",
        "on": True,
        "sizes": (1, 2),
        "name": "a,b",
        "none": None,
    }
    assert parse_options(None) == {}


@pytest.mark.parametrize("text", ["depth", "depth=", "3", "a=1,a=2", "a=print(1)", "a=1)(b=2"])
def test_other_texts_are_refused(text):
    with pytest.raises(UserError, match="--options="):
        parse_options(text)

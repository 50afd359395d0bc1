"""Settings of several runs at once, as a program asks for them."""

import io
import json

import pytest

from tfflowgan.config import Config
from tfflowgan.training import resolve_many
from tfflowgan.training.resolve import resolve


def _call(monkeypatch, capsys, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    resolve_many.main()
    return json.loads(capsys.readouterr().out)


def test_presets_and_defaults_are_filled_in(monkeypatch, capsys):
    runs = {"a": {"flow": "nice", "width": 7}, "b": {"preset": "danihelka_mnist_wgan", "levels": 2}}
    found = _call(monkeypatch, capsys, json.dumps(runs))
    assert list(found) == ["a", "b"]
    assert found["a"] == vars(resolve(Config(flow="nice", width=7)))
    assert found["b"]["preset"] == "danihelka_mnist_wgan" and found["b"]["levels"] == 2
    assert found["b"]["objective"] == "wgan" and found["b"]["critic"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ["not JSON"]),
        ("[]", ["JSON object"]),
        ('{"a": 1}', ["JSON object"]),
        ('{"a": {"widht": 1}}', ["a: ", "widht"]),
        ('{"a": {}, "b": {"preset": "none"}}', ["b: ", "--preset=none"]),
        ('{"a": {"critic": "dcgan"}}', ["a: ", "--critic"]),
    ],
)
def test_bad_input_is_refused_in_a_sentence(monkeypatch, capsys, text, words):
    with pytest.raises(SystemExit) as error:
        _call(monkeypatch, capsys, text)
    assert all(word in str(error.value) for word in ["tfflowgan.training.resolve_many: ", *words])

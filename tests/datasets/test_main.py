"""`python -m tfflowgan.datasets`: what is there, for programs."""

import json

import pytest

from tfflowgan import datasets
from tfflowgan.datasets import __main__


def _call(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["datasets", *words])
    __main__.main()
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_datasets_are_described_in_order(monkeypatch, capsys):
    found = _call(monkeypatch, capsys, "mnist", "mnist", "--data_source=embedded")
    assert found == [datasets.load("mnist", data_source="embedded").provenance()] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mnits"], "mnits"),
        (["mnist", "--data_dir=/nowhere/at/all"], "--data_dir=/nowhere/at/all"),
        (["mnist", "--image_size=8"], "--image_size"),
        (["mnist", "--data_source=moon"], "--data_source=moon"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(monkeypatch, capsys, words, said):
    with pytest.raises(SystemExit) as error:
        _call(monkeypatch, capsys, *words)
    assert str(error.value).startswith("tfflowgan.datasets: ") and said in str(error.value)

"""The list of full-scale runs: each of its commands can be typed as it stands."""

import dataclasses

import pytest

from papers.plan import make_plan
from tests.helpers import ROOT
from tfflowgan import config as config_module
from tfflowgan.cli import run_settings
from tfflowgan.config import Config
from tfflowgan.portable import __main__ as portable
from tfflowgan.training.resolve import resolve, start_from

LIST = (ROOT / "papers/full_scale.md").read_text()
COMMANDS = [line.strip() for line in LIST.splitlines() if line.startswith("    ")]
OWN = {"import_state": {"run", "state"}, "evaluate": {"run", "select", "limit"}, "train": {"run"}}


def _flags(words):
    """Flags by name, as text; a switch is "True"."""
    pairs = [word.removeprefix("--").partition("=") for word in words]
    return {name: value if equals else "True" for name, equals, value in pairs}


def _of(start):
    return [command for command in COMMANDS if command.startswith(start)]


def _settings(command):
    """The folder of an exported run, the run that it starts from, and its settings."""
    given = _flags(command.split()[1:])
    kinds = {field.name: config_module.value_type(field) for field in dataclasses.fields(Config)}
    run = given.pop("run")
    preset = config_module.from_preset(given.pop("preset")) if "preset" in given else {}
    values = {n: kinds[n](v) if kinds[n] is not bool else v == "True" for n, v in given.items()}
    return run, values.get("init_from"), config_module.override(preset, values, run)


def test_every_export_is_a_run(monkeypatch):
    monkeypatch.setattr("tfflowgan.training.resolve.find_classifier", lambda folder: folder)
    resolved = {}
    for command in _of("bin/export_program"):
        run, source, values = _settings(command)
        config = Config(**values)
        resolved[run] = resolve(start_from(config, resolved[source]) if source else config)
    assert len(resolved) == 7
    assert resolved["runs/paper/mnist_nice_mle"].epochs * 500 == 250_000  # 50,000 images by 100
    assert resolved["runs/far/nvp3_wgan"].logit_alpha == 0.0


def test_a_program_goes_where_the_next_command_looks():
    runs = [_settings(command)[0] for command in _of("bin/export_program")]
    parsed = [
        portable._parser().parse_args(command.split()[3:])
        for command in _of("python -m tfflowgan.portable")
    ]
    back = [_flags(command.split()[1:]) for command in _of("bin/import_state")]
    assert [flags["run"] for flags in back] == runs
    assert [flags["state"] for flags in back] == [str(given.output) for given in parsed]
    names = [f"programs/{run.rpartition('/')[2]}-training" for run in runs]
    assert [str(given.program) for given in parsed] == names
    assert {given.minutes for given in parsed} == {9.0}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_flag_is_unknown(command):
    start, *words = command.split()
    if start == "python":
        return  # parsed above
    name = start.removeprefix("bin/")
    known = OWN.get(name) or {row.name for row in run_settings.rows([])}
    assert _flags(words).keys() <= known


def test_the_papers_own_runs_are_those_of_bin_reproduce(tmp_path):
    plan = make_plan(["grover/table1"], "paper", tmp_path, "DIR")
    recipes = {run.name: run.flags for run in plan.runs}
    for command in _of("bin/export_program --preset=flowgan"):
        flags = _flags(command.split()[1:])
        name = flags.pop("run").rpartition("/")[2]
        same = {k: str(v) for k, v in recipes[name].items() if k not in ("run", "output")}
        assert flags == same


def test_each_run_of_the_table_has_its_commands():
    rows = [line.split(" | ")[0] for line in LIST.splitlines() if line[:3].strip("| ").isdigit()]
    sections = [line.split(". ")[0] for line in LIST.splitlines() if line.startswith("## ")]
    assert [row.strip("| ") for row in rows] == [head.strip("# ") for head in sections]
    assert len(rows) == len(_of("bin/export_program"))

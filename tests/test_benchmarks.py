"""What the benchmarks tell their workers is what those read; limits of another network are none."""

import json
import re
import runpy
import sys

import absl.flags
import pytest

from tests.helpers import ROOT, script_here
from tfflowgan import plugins

FOLDER = ROOT / "benchmarks"
OURS = "tfflowgan float32"


@pytest.fixture(autouse=True)
def modules(monkeypatch):
    """Lets programs import each other; they and their flags are gone afterwards."""
    monkeypatch.syspath_prepend(str(FOLDER))
    flags, modules = set(absl.flags.FLAGS), set(sys.modules)
    yield
    for name in set(absl.flags.FLAGS) - flags:
        delattr(absl.flags.FLAGS, name)
    for name in set(sys.modules) - modules:
        if (FOLDER / f"{name}.py").exists():
            del sys.modules[name]


def _specs():
    """(script of a peer, what it is told) of every measurement that is listed."""
    suite = runpy.run_path(str(FOLDER / "suite.py"), run_name="suite")
    scripts = [path.name for path in (FOLDER / "peers").glob("*.py")]
    for architecture in suite["ARCHITECTURES"].values():
        for script in scripts:
            if script != "ours_devices.py":
                yield script, suite["spec"](architecture, 64, "float32")
    scaling = runpy.run_path(str(FOLDER / "scaling.py"), run_name="scaling")
    for sweep, changes in scaling["SWEEPS"].items():
        for change in changes.values():
            yield "ours.py", scaling["BASE"] | change
            if sweep == "devices":
                yield "ours_devices.py", scaling["BASE"] | change


def test_workers_are_told_what_they_read():
    for script, spec in _specs():
        text = (FOLDER / "peers" / script).read_text()
        assert set(re.findall(r'\bspec\["(\w+)"\]', text)) <= set(spec), script
        known = plugins.options("flows", spec["flow"], "flow")
        assert set(spec["options"]) <= set(known) and spec["critic"] in plugins.names("critics")


@pytest.mark.parametrize("alike", [True, False])
def test_a_share_is_that_of_the_same_network(tmp_path, alike):
    row = {"images_per_second": 10.0, "turns": [10.0], "first": 7.0}
    results = {"facts": {OURS: {"start": 1.0}}, "operations": {"mle": {OURS: row}}}
    limits = {"limits": {"mle": {"float32": 40.0, "gflop": 1.0}}}
    (tmp_path / "nice_64.json").write_text(json.dumps(results | {"options": {"width": 1}}))
    options = {"options": {"width": 1 if alike else 2}}
    (tmp_path / "limits_nice_64.json").write_text(json.dumps(limits | options))
    done = script_here(FOLDER / "table.py", f"--folder={tmp_path}")
    assert done.returncode == 0 and "| 10 |" in done.stdout
    assert ("25%" in done.stdout) == alike == ("of other options" not in done.stdout)


@pytest.mark.parametrize("name", ["nice_64", "limits_nice_64"])
def test_limits_beside_results_of_other_options_are_refused(tmp_path, name):
    (tmp_path / f"{name}.json").write_text(json.dumps({"options": {"width": 1}}))
    flags = [f"--peers_python={sys.executable}", f"--output={tmp_path}", "--architectures=nice"]
    done = script_here(FOLDER / "limits.py", *flags)
    assert done.returncode == 1
    assert f"{name}.json was measured with options={{'width': 1}}" in done.stderr

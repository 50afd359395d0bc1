"""A setting's way from the flag to the network: through how many files it goes."""

import json
import subprocess
import sys

import pytest

from tests.helpers import ROOT

PROGRAM = """
import json, os, pathlib, sys

ROOT = pathlib.Path.cwd()
MARK = 13579  # a width that no other number has
seen = {}
PACKAGE = str(ROOT / "tfflowgan") + os.sep


def holds(value, depth=0):
    if isinstance(value, int):
        return value == MARK
    if isinstance(value, dict):
        return depth < 3 and any(holds(v, depth + 1) for v in value.values())
    if isinstance(value, (tuple, list)):
        return depth < 3 and any(holds(v, depth + 1) for v in value)
    if type(value).__name__ in ("Config", "Part"):
        return holds(vars(value), depth + 1)
    return False


def trace(frame, event, argument):
    if event == "call" and PACKAGE in frame.f_code.co_filename:
        path = pathlib.Path(frame.f_code.co_filename)
        if any(holds(value) for value in list(frame.f_locals.values())):
            seen.setdefault(str(path.relative_to(ROOT)), set()).add(frame.f_code.co_name)
            if path.parent.name == "networks":
                sys.setprofile(None)
                print(json.dumps({name: sorted(functions) for name, functions in seen.items()}))
                sys.stdout.flush()
                os._exit(0)


import tfflowgan.training.train  # not traced: it takes long
from tfflowgan.cli.train import main

sys.argv = ["train", "--data_source=embedded", f"--width={MARK}", *sys.argv[1:]]
sys.setprofile(trace)
main()
"""


@pytest.mark.slow
def test_a_width_goes_through_few_files_on_its_way_to_the_network(tmp_path):
    places = [f"--run={tmp_path / 'run'}", f"--output={tmp_path / 'model'}"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--flow=nice", *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    entered = json.loads(done.stdout.splitlines()[-1])
    assert "tfflowgan/networks/mlp.py" in entered
    assert len(entered) < 15, entered

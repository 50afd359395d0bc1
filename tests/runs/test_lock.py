"""The lock of a run's folder, on both kinds of systems."""

import ast
import importlib.util
import subprocess
import sys
import types

import pytest

from tests.helpers import ROOT
from tfflowgan.runs import lock
from tfflowgan.runs.lock import Locked, exclusive

POSIX_ONLY = {"fcntl", "grp", "pwd", "resource", "termios", "pty"}


def test_a_second_process_is_refused_until_the_first_is_done(tmp_path):
    path = str(tmp_path / "lock")
    program = f"from tfflowgan.runs.lock import exclusive\nwith exclusive({path!r}): pass"

    def second():
        return subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
        )

    with exclusive(tmp_path / "lock"):
        refused = second()
    assert refused.returncode == 1 and "Locked" in refused.stderr
    assert second().returncode == 0, "the lock ended with its block"


def test_an_error_frees_the_lock(tmp_path):
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path / "lock"):
        raise ZeroDivisionError
    with (
        exclusive(tmp_path / "lock"),
        pytest.raises(Locked, match="lock"),
        exclusive(tmp_path / "lock"),
    ):
        pass


def test_windows_locks_one_byte_and_imports_no_fcntl(tmp_path, monkeypatch):
    locked = []

    def locking(descriptor, mode, count):
        if locked:
            raise PermissionError
        locked.append((mode, count))

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(LK_NBLCK=2, locking=locking))
    spec = importlib.util.spec_from_file_location("lock_on_windows", lock.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with (
        module.exclusive(tmp_path / "lock"),
        pytest.raises(module.Locked),
        module.exclusive(tmp_path / "lock"),
    ):
        pass
    assert locked == [(2, 1)]


def test_no_other_module_imports_what_windows_lacks():
    found = []
    for folder in ("tfflowgan", "papers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [path.relative_to(ROOT).as_posix() for name in names if name in POSIX_ONLY]
    # both do without it
    assert sorted(found) == ["tfflowgan/runs/lock.py", "tfflowgan/training/dry_run.py"]

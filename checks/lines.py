"""The lines of a check: each is run, timed, printed and kept in one JSON."""

import contextlib
import json
import math
import pathlib
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.runs.provenance import provenance

__all__ = ["Failed", "Lines", "ROOT", "run_command"]

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Failed(Exception):
    """A line did not come out as it should; the message says what did, in one sentence.

    Attributes:
      numbers: what was measured all the same.
    """

    def __init__(self, reason: str, numbers: dict[str, Any] | None = None) -> None:
        """Creates the exception.

        Args:
          reason: one sentence.
          numbers: what was measured all the same.
        """
        super().__init__(reason)
        self.numbers = numbers or {}


class Lines:
    """The lines of one check.

    Attributes:
      found: what the JSON holds.
    """

    def __init__(self, check: str, output: pathlib.Path, seconds: float, **about: Any) -> None:
        """Begins a check; its JSON is rewritten after every line.

        Args:
          check: its name.
          output: the JSON file.
          seconds: after so many, the lines that are left are skipped.
          **about: what was checked: devices, versions, settings.

        Raises:
          UserError: the file cannot be written.
        """
        self._output, self._seconds, self._start = output, seconds, time.monotonic()
        self.found: dict[str, Any] = {"format": 1, "check": check, **about}
        self.found |= {"provenance": provenance(), "passed": None, "seconds": 0.0, "lines": []}
        try:
            self._write()
        except OSError as error:
            raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None

    def run(self, name: str, line: Callable[[], dict[str, Any]]) -> None:
        """Runs a line.

        Args:
          name: what it checks.
          line: returns numbers, or raises `Failed`. Any other error fails it too.
        """
        begin = time.monotonic()
        if begin - self._start > self._seconds:
            self._keep(name, None, "there was no time left", {}, 0.0)
            return
        try:
            numbers, passed, why = line(), True, None
        except Failed as failed:
            numbers, passed, why = failed.numbers, False, str(failed)
        except Exception as error:  # whatever a driver may do
            numbers, passed = {"traceback": traceback.format_exc().splitlines()[-12:]}, False
            why = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        self._keep(name, passed, why, numbers, time.monotonic() - begin)

    def finish(self) -> int:
        """Writes the end, says where it is, and gives the exit code: 0 if every line passed."""
        lines = self.found["lines"]
        self.found["passed"] = all(line["passed"] for line in lines)
        self._write()
        bad = [line["name"] for line in lines if not line["passed"]]
        print(f"{len(lines) - len(bad)} of {len(lines)} lines passed. Written to {self._output}.")
        return int(bool(bad))

    def _keep(self, name, passed, why, numbers, seconds):
        word = {True: "passed ", False: "FAILED ", None: "skipped"}[passed]
        print(f"{word} {name} ({seconds:.1f} s){f': {why}' if why else ''}", flush=True)
        line = {"name": name, "passed": passed, "why": why, "seconds": round(seconds, 2)}
        self.found["lines"].append(line | {"numbers": _finite(numbers)})
        self._write()

    def _write(self):
        self.found["seconds"] = round(time.monotonic() - self._start, 1)
        write_atomically(self._output, json.dumps(self.found, indent=1) + "\n")


def _finite(value):
    """The same with None in place of numbers that JSON cannot hold."""
    if isinstance(value, dict):
        return {str(name): _finite(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inside) for inside in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def run_command(name: str, *flags: str, seconds: float = 300.0) -> str:
    """Runs a command of `bin/` to its end.

    Args:
      name: such as "train".
      *flags: its arguments.
      seconds: after so many it is killed.

    Returns:
      What it wrote to standard output and standard error.

    Raises:
      Failed: it failed, or took too long.
    """
    command = [sys.executable, str(ROOT / "bin" / name), *flags]
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=seconds, cwd=ROOT
        )
        if done.returncode == 0:
            return done.stdout + done.stderr
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise Failed(f"bin/{name} ended with code {done.returncode} and said: {said}")
    raise Failed(f"bin/{name} took more than {seconds:.0f} s")

"""The commands of the package, as processes: what is typed, and programs that answer in JSON."""

import os
import pathlib
import subprocess
import sys

from tfflowgan.errors import UserError

__all__ = ["as_typed", "bin_command", "last_line", "run_module"]

_ROOT = pathlib.Path(__file__).resolve().parents[1]


def as_typed(command: str, arguments: list[str]) -> str:
    """A command of `bin/` as a person types it."""
    return " ".join([f"bin/{command}", *arguments])


def bin_command(command: str, arguments: list[str]) -> list[str]:
    """A command of `bin/` for `subprocess`, with this interpreter and from any folder."""
    return [sys.executable, str(_ROOT / "bin" / command), *arguments]


def run_module(module: str, arguments: list[str], stdin: str | None = None) -> str:
    """Runs `python -m MODULE`, which imports TensorFlow so that this process need not.

    Args:
      module: such as "tfflowgan.datasets".
      arguments: after it.
      stdin: its standard input.

    Returns:
      Its standard output.

    Raises:
      UserError: it failed; the last line that it wrote to standard error.
    """
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )
    if done.returncode:
        raise UserError(last_line(done.stderr) or f"{module} ended with code {done.returncode}.")
    return done.stdout


def last_line(text: str) -> str:
    """The last line that is not blank; nothing where there is none."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "").strip()

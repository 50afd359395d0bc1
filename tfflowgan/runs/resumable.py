"""Resumable runs described by a dict of settings.

A run can be resumed only with the settings that it was started with.

    RUN/settings.json     the settings
    RUN/finished.json     the result, written last
"""

import json
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["begin", "finish", "settings_of"]


def begin(run: pathlib.Path, settings: dict) -> dict | None:
    """Starts a run, or resumes it.

    Args:
      run: the run's folder.
      settings: values that JSON can hold. They must be the same whenever the run is resumed.

    Returns:
      What `finish` wrote, or None if the run is not finished.

    Raises:
      UserError: the folder cannot be used, or holds a run with different settings.
    """
    path, end = run / "settings.json", run / "finished.json"
    if (run / "config.json").exists():
        raise UserError(f"--run={run} is a run of bin/train; give another --run.")
    try:
        run.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_atomically(path, json.dumps(settings, indent=2) + "\n")
        before = json.loads(path.read_text())
        finished = json.loads(end.read_text()) if end.exists() else None
        if not isinstance(before, dict) or not isinstance(finished, dict | None):
            raise ValueError("settings.json or finished.json holds no JSON object")
    except (OSError, ValueError) as error:
        raise UserError(f"--run={run} cannot be used: {str(error).splitlines()[0]}.") from None
    differing = [name for name in settings if settings[name] != before.get(name)]
    if differing:
        listed = ", ".join(_change(name, before.get(name), settings[name]) for name in differing)
        raise UserError(
            f"--run={run} was started with other settings ({listed}); give another --run."
        )
    return finished


def settings_of(run: pathlib.Path) -> dict:
    """The settings that a run was started with; none if it has not been started, or lost them."""
    try:
        found = json.loads((run / "settings.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _change(name, before, now):
    if name == "data":
        return f"the images had fingerprint {before}, now {now}"
    before, now = (",".join(v) if isinstance(v, list) else v for v in (before, now))
    return f"--{name} was {before}, now {now}"


def finish(run: pathlib.Path, values: dict) -> None:
    """Marks a run as finished and stores its result."""
    write_atomically(run / "finished.json", json.dumps(values, indent=2) + "\n")

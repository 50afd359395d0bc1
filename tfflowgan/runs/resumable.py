"""A run that plain settings describe: begun once, gone on with under the same settings, finished once.

RUN/settings.json     what must stay the same
RUN/finished.json     how it ended, written last
"""

import json
import pathlib

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically

__all__ = ["begin", "finish"]


def begin(run: pathlib.Path, settings: dict) -> dict | None:
    """Begins a run, or goes on with it.

    Args:
      run: its folder.
      settings: plain values that must stay the same when the run goes on.

    Returns:
      What `finish` wrote, or None where the run is not finished.

    Raises:
      UserError: the folder cannot be used, or holds a run with other settings.
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
    except (OSError, ValueError) as error:
        raise UserError(f"--run={run} cannot be used: {str(error).splitlines()[0]}.") from None
    differing = [name for name in settings if settings[name] != before.get(name)]
    if differing:
        listed = ", ".join(_change(name, before.get(name), settings[name]) for name in differing)
        raise UserError(f"--run={run} was begun with other settings ({listed}); give another --run.")
    return finished


def _change(name, before, now):
    if name == "data":
        return f"other images, of fingerprint {before}, now {now}"
    before, now = (",".join(v) if isinstance(v, list) else v for v in (before, now))
    return f"--{name} was {before}, now {now}"


def finish(run: pathlib.Path, values: dict) -> None:
    """Marks a run as finished."""
    write_atomically(run / "finished.json", json.dumps(values, indent=2) + "\n")

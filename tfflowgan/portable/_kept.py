"""Long loops of evaluations on disk: one that is stopped, or killed, goes on.

    OUTPUT/parts/about.json           whose they are; seconds and device of every stretch
    OUTPUT/parts/LABEL-N.json, ...    what the loop LABEL has after N calls

New files are whole before old ones go. All go when the evaluation is complete, and its results are
there, OUTPUT/NAME.npz and OUTPUT/NAME.json.
"""

import json
import math
import pathlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.portable._files import read_arrays, remove_arrays, write_archive, write_arrays
from tfflowgan.portable._interruption import Interruption
from tfflowgan.portable._program import Program

__all__ = ["Kept", "OutOfTime", "finished", "origin"]

_SHOWN = 10.0  # seconds between lines


class OutOfTime(Exception):
    """The minutes are over; the message says what was kept."""


def finished(output: pathlib.Path, name: str, identity: str) -> dict | None:
    """The result NAME.json of a program; None if there is none yet.

    Raises:
      UserError: the one that is there is of something else, or damaged.
    """
    path = output / f"{name}.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text())
        if found["program"] == identity:
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise _of_another(output, path.name)


class Kept:
    """Runs loops of calls of a program, inside a `with` block, and keeps what is done."""

    def __init__(
        self,
        program: Program,
        identity: str,
        output: pathlib.Path,
        minutes: float | None,
        save_minutes: float,
        part_mb: float,
        show: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Finds what an earlier stretch has kept.

        Args:
          program: compiled.
          identity: of the program and of all that was asked of it.
          output: folder of the results, to be made.
          minutes: at most so long, without compiling; None for no limit.
          save_minutes: time between two writes.
          part_mb: the most megabytes that a file holds.
          show: prints a line.
          clock: gives the time in seconds.

        Raises:
          UserError: the folder has parts of something else.
        """
        self._folder, self._identity = output / "parts", identity
        self._origin = origin(program.about) | {"program": identity}
        self._before = self._earlier(output)
        self._own = {
            "seconds": 0.0,
            "device": str(program.device.device_kind),
            "platform": program.device.platform,
            "compile_seconds": round(program.compile_seconds, 2),
        }
        self._minutes, self._save_minutes = minutes, save_minutes
        self._part_bytes, self._show, self._clock = int(part_mb * 2**20), show, clock
        self._interruption = Interruption()
        self._begun = self._saved = self._told = clock()
        self._calls, self._seconds = 0, 0.0  # of this stretch, and of the last call

    def __enter__(self) -> Self:
        """Lets Ctrl-C wait for the end of a call."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._note()
        self._interruption.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Gives Ctrl-C back."""
        self._interruption.__exit__(*error)

    @property
    def stretches(self) -> list[dict[str, Any]]:
        """Seconds and device of every stretch, this one too."""
        return [*self._before, self._own | {"seconds": round(self._own["seconds"], 3)}]

    def scan(
        self,
        label: str,
        function: Callable[[Mapping[str, Any], Any], Mapping[str, Any]],
        carry: Mapping[str, Any],
        keys: Sequence[Any],
        unit: str = "part",
    ) -> Mapping[str, Any]:
        """Repeats `carry = function(carry, key)` for every key that is left.

        Raises:
          OutOfTime: the minutes are over.
          KeyboardInterrupt: a signal came.
        """
        done = kept = self._newest(label)
        if done:
            carry = read_arrays(self._folder, _stem(label, done))
        for key in keys[done:]:
            begun, limit = self._clock(), 60.0 * (self._minutes or math.inf)
            late = self._calls and begun - self._begun + self._seconds >= limit
            if late or self._interruption.asked:
                if done > kept:
                    self._save(label, done, carry)
                what = f"{label}: {done:,} of {len(keys):,} times {unit} are in {self._folder}"
                raise OutOfTime(f"{what}; the same command goes on.") if late else KeyboardInterrupt
            carry = {name: np.asarray(value) for name, value in function(carry, key).items()}
            now, done, self._calls = self._clock(), done + 1, self._calls + 1
            self._seconds = now - begun
            self._own["seconds"] += self._seconds
            if done == len(keys) or now - self._saved >= 60.0 * self._save_minutes:
                self._save(label, done, carry)
                kept = done
            if now - self._told >= _SHOWN:
                left = units.duration((len(keys) - done) * self._seconds)
                self._show(f"{label}: {done:,} of {len(keys):,} times {unit}, {left} to its end")
                self._told = now
        return carry

    def finish(
        self, name: str, result: dict[str, Any], values: Mapping[str, np.ndarray]
    ) -> dict[str, Any]:
        """Writes NAME.npz, then NAME.json, and removes the parts.

        Args:
          name: of the files.
          result: what the evaluation found.
          values: of the archive.

        Returns:
          What NAME.json holds: the result, and where it comes from.
        """
        result = result | self._origin | {"stretches": self.stretches}
        output = self._folder.parent
        write_archive(output / f"{name}.npz", dict(values))
        write_atomically(output / f"{name}.json", json.dumps(result, indent=1) + "\n")
        shutil.rmtree(self._folder, ignore_errors=True)
        return result

    def _save(self, label, done, carry):
        write_arrays(
            self._folder, _stem(label, done), dict(carry), self._part_bytes, compress=False
        )
        self._note()
        for old in self._folder.glob(f"{label}-*.json"):
            if old.stem != _stem(label, done):
                remove_arrays(self._folder, old.stem)
        self._saved = self._clock()

    def _note(self):
        about = {"program": self._identity, "stretches": self.stretches}
        write_atomically(self._folder / "about.json", json.dumps(about, indent=2) + "\n")

    def _newest(self, label):
        """Calls of the loop that are kept."""
        found = self._folder.glob(f"{label}-*.json")
        return max((int(path.stem.rpartition("-")[2]) for path in found), default=0)

    def _earlier(self, output):
        path = self._folder / "about.json"
        if not path.exists():
            return []
        try:
            found = json.loads(path.read_text())
            if found["program"] == self._identity:
                return found["stretches"]
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{path} is damaged; give another --output.") from None
        raise _of_another(output, "parts")


def origin(about: dict) -> dict[str, Any]:
    """Whose numbers those of a program are: model, weights and, where images are scored, data."""
    found = {name: about[name] for name in ("weights", "data") if name in about}
    return {"model": about["name"], **found}


def _of_another(output, what):
    return UserError(
        f"--output={output} holds {what} of another program, or of another --count or --seed; "
        "give another one."
    )


def _stem(label, done):
    return f"{label}-{done:09d}"

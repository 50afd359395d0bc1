"""The parts of a long evaluation: shown while they run, and kept so that an interrupted one continues.

What a part gives is written to a file; asked for again by the same label and number, it is read instead of computed. The folder
belongs to one evaluation of one model with one choice of settings, and goes once the evaluation is whole.
"""

import os
import pathlib
import shutil
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
from tqdm import tqdm

__all__ = ["ResumableLoop"]

Arrays = dict[str, np.ndarray]


class ResumableLoop:
    """Runs parts one after the other. Without a folder nothing is kept; without `shown` there is no progress bar."""

    def __init__(self, folder: pathlib.Path | None = None, shown: bool = False):
        """Takes the folder, which is made when there is something to keep."""
        self._folder, self._shown = folder, shown

    def map(self, label: str, function: Callable, keys: Sequence, unit: str = "part") -> list[Arrays]:
        """`function(key)`, a dict of arrays, for every key.

        Args:
          label: names the parts, on the screen and on disk; unique within an evaluation.
          function: must depend on nothing but its key and the evaluation's settings.
          keys: one a part.
          unit: what a part is, for the progress bar.
        """
        results = []
        for i, key in enumerate(self._bar(label, keys, unit)):
            path = self._path(f"{label}-{i}")
            result = _read(path)
            if result is None:
                result = {name: np.asarray(value) for name, value in function(key).items()}
                self._write(path, result)
            results.append(result)
        return results

    def scan(self, label: str, function: Callable, carry: Arrays, keys: Sequence, unit: str = "part") -> Arrays:
        """`carry = function(carry, key)` over all keys; the newest carry alone is kept.

        Args:
          label: as in `map`.
          function: takes and returns a dict of arrays, and must depend on nothing else but the settings.
          carry: the first.
          keys: one a part.
          unit: as in `map`.
        """
        path = self._path(label)
        state = _read(path)
        done = 0 if state is None else int(state.pop("__done__"))
        carry = carry if state is None else state
        for i, key in enumerate(self._bar(label, keys, unit)):
            if i < done:
                continue
            carry = {name: np.asarray(value) for name, value in function(carry, key).items()}
            self._write(path, carry | {"__done__": np.asarray(i + 1)})
        return carry

    def discard(self) -> None:
        """Removes what was kept."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _bar(self, label, keys, unit):
        return tqdm(keys, desc=label.replace("_", " "), unit=unit, disable=None if self._shown else True, leave=False)

    def _path(self, name):
        return None if self._folder is None else self._folder / f"{name}.npz"

    def _write(self, path, arrays):
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, **arrays)
        os.replace(part, path)


def _read(path):
    if path is None or not path.exists():
        return None
    try:
        with np.load(path) as file:
            return dict(file)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None

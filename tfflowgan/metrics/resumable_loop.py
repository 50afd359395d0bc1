"""Loops of long evaluations that show their progress and resume after an interruption.

The result of each iteration is written to a file. If the loop runs again with the same label,
results are read instead of computed. A folder belongs to one evaluation of one model with fixed
settings and is removed when the evaluation is complete.
"""

import os
import pathlib
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

__all__ = ["ResumableLoop"]

Arrays = dict[str, np.ndarray]


class ResumableLoop:
    """Runs loops whose iterations are saved to disk."""

    def __init__(self, folder: pathlib.Path | None = None, shown: bool = False):
        """Creates the loop.

        Args:
          folder: where to save results, created when needed; None saves nothing.
          shown: whether to show a progress bar.
        """
        self._folder, self._shown = folder, shown

    def map(
        self,
        label: str,
        function: Callable[[Any], Mapping[str, Any]],
        keys: Sequence[Any],
        unit: str = "part",
    ) -> list[Arrays]:
        """Returns `function(key)` for every key.

        Args:
          label: name of the loop on screen and on disk; unique within an evaluation.
          function: returns a dict of arrays that depends only on the key and the evaluation's
            settings.
          keys: one key per iteration.
          unit: name of an iteration in the progress bar.
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

    def scan(
        self,
        label: str,
        function: Callable[[Mapping[str, Any], Any], Mapping[str, Any]],
        carry: Mapping[str, Any],
        keys: Sequence[Any],
        unit: str = "part",
    ) -> Mapping[str, Any]:
        """Repeats `carry = function(carry, key)` for every key and returns the last carry.

        Only the latest carry is saved.

        Args:
          label: as in `map`.
          function: maps a dict of arrays and a key to a dict of arrays that depends only on these
            and the evaluation's settings.
          carry: the initial dict of arrays.
          keys: one key per iteration.
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
        """Removes the saved results."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _bar(self, label, keys, unit):
        disable = None if self._shown else True  # None: no bar unless on a terminal
        return tqdm(keys, desc=label.replace("_", " "), unit=unit, disable=disable, leave=False)

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

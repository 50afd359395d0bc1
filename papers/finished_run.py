"""What runs left behind, as artefacts read it; imports no TensorFlow."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import math
import pathlib
from collections.abc import Sequence

import numpy as np

from tfflowgan.report import results
from tfflowgan.runs.names import WEIGHTS
from tfflowgan.statistics import Mean, mean_with_error

__all__ = ["FinishedRun", "find", "judged_mean"]


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """A finished run, of `bin/train` or `bin/train_avb`.

    Attributes:
      name: of the run.
      folder: where it is.
      asked: (evaluation, select, dtype) -> the options that its result must have been made with.
      seeds: further runs that differ in the seed alone.
    """

    name: str
    folder: pathlib.Path
    asked: dict[tuple, dict] = dataclasses.field(default_factory=dict)
    seeds: list["FinishedRun"] = dataclasses.field(default_factory=list)

    @functools.cached_property
    def config(self) -> dict:
        """The settings."""
        path = self.folder / "config.json"
        return json.loads((path if path.exists() else self.folder / "settings.json").read_text())

    @functools.cached_property
    def data(self) -> dict:
        """The images: name, source, counts, fingerprint."""
        path = self.folder / "data.json"
        return json.loads(path.read_text()) if path.exists() else self.end["data"]

    @functools.cached_property
    def end(self) -> dict:
        """How it ended: `finished.json`."""
        return json.loads((self.folder / "finished.json").read_text())

    @functools.cached_property
    def rows(self) -> list[dict]:
        """What was measured while it trained: `metrics.jsonl`."""
        rows = []
        for line in (self.folder / "metrics.jsonl").read_text().splitlines():
            with contextlib.suppress(ValueError):  # a line that a kill cut off
                rows.append(json.loads(line))
        return rows

    @property
    def dims(self) -> int:
        """D, values in an image."""
        return math.prod(self.data["image_shape"])

    def curve(self, name: str) -> tuple[list[int], list[float]]:
        """Steps and values of a number of metrics.jsonl; where there was none, infinity for an NLL and NaN for others."""
        known = [row for row in self.rows if name in row]
        none = math.inf if name.endswith("_nll") else math.nan
        return [row["step"] for row in known], [none if row[name] is None else row[name] for row in known]

    def last(self, name: str) -> float:
        """The last value of a curve."""
        return self.curve(name)[1][-1]

    def result(self, name: str, select: str | None = None, dtype: str | None = None) -> dict:
        """The result of an evaluation; see `find`.

        Raises:
          FileNotFoundError: there is none.
        """
        result = find(self.folder, name, select, dtype, self.asked.get((name, select, dtype), {}))
        if result is None:
            raise FileNotFoundError(f"{self.folder} has no {name} ({select}, {dtype})")
        return result

    def nll_above(self, other: "FinishedRun", select: str, part: str = "test") -> Mean:
        """How far an NLL is above that of another run: the mean difference of an image, in nats.

        Args:
          other: a run on the same images.
          select: which weights of both; their likelihoods must have been evaluated with the same noise.
          part: "test", "validation", "train", or "own_samples", which come from the same latents.

        Raises:
          ValueError: the images or their noise differ.
        """
        judged = [run.result("likelihood", select) for run in (self, other)]
        alike = [
            (r["data"]["fingerprint"], r["draws"], r["seed"], r["test"]["count"]) for r in judged
        ]
        if alike[0] != alike[1]:
            raise ValueError(f"{self.folder} and {other.folder} were evaluated on other images or with other noise")
        one, two = (run.arrays("likelihood", select)[part] for run in (self, other))
        return judged_mean(one.astype(np.float64) - two)

    def arrays(self, name: str, select: str | None = None, dtype: str | None = None) -> dict[str, np.ndarray]:
        """What an evaluation kept of single images; see `result`."""
        return dict(np.load(self.folder / "results" / self.result(name, select, dtype)["arrays"]))

    def picture(self, key: tuple[str, str | None, str | None], caption: str) -> pathlib.Path:
        """A picture that an evaluation drew; `key` is what `result` takes."""
        return self.folder / "results" / self.result(*key)["pictures"][caption]

    def samples(self) -> pathlib.Path:
        """The last picture of 64 samples that training drew."""
        return max((self.folder / "samples").glob("step-*.png"))


def judged_mean(values: Sequence[float] | np.ndarray) -> Mean:
    """The mean of values `[n]` with its error: NaN for a single one, which settles no claim."""
    mean = mean_with_error(values)
    return mean if mean["standard_error"] is not None else {**mean, "standard_error": math.nan}


def find(folder: pathlib.Path, name: str, select: str | None, dtype: str | None, options: dict) -> dict | None:
    """The newest result of an evaluation in RUN/results.

    Args:
      folder: the run's.
      name: the evaluation.
      select: which weights; None for those that the run selects.
      dtype: that it was computed in; None for the run's.
      options: what it must have been asked for; a limit that is not among them it must not have.

    Returns:
      What its JSON file holds, in format 2, or None where there is none of the run's weights as
      they are now.
    """
    try:
        config = json.loads((folder / "config.json").read_text())
        select, dtype = select or config["select"], dtype or config["dtype"]
    except (OSError, ValueError, TypeError, LookupError):
        return None
    index = folder / "checkpoints" / f"{WEIGHTS[select]}.index"
    digest = hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else None
    best, newest = None, ""
    for path in (folder / "results").glob(f"{name}*.json"):
        try:
            result = results.read(path)
            weights, given, made = result["weights"], result["options"], result["provenance"]["date"]
            whole = weights["select"] == "all" or (weights["select"] == select and weights["sha256"] == digest)
            fits = whole and result["evaluation"] == name and result.get("dtype", dtype) == dtype
            same = given.get("limit") == options.get("limit") and all(given.get(k) == v for k, v in options.items())
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not an evaluation's
        if fits and same and made >= newest:
            best, newest = result, made
    return best

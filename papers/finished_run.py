"""A finished run as artefacts read it: the files that it left, without TensorFlow."""

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

__all__ = ["FinishedRun", "find", "claim_mean"]


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """A finished run, of `bin/train` or `bin/train_avb`.

    Attributes:
      name: the run's name.
      folder: the run's folder.
      options: (evaluation, select, dtype) -> the options that its result must have been made with.
      seeds: further runs that differ only in the seed.
    """

    name: str
    folder: pathlib.Path
    options: dict[tuple, dict] = dataclasses.field(default_factory=dict)
    seeds: list["FinishedRun"] = dataclasses.field(default_factory=list)

    @functools.cached_property
    def config(self) -> dict:
        """The settings."""
        path = self.folder / "config.json"
        return json.loads((path if path.exists() else self.folder / "settings.json").read_text())

    @functools.cached_property
    def data(self) -> dict:
        """The images: name, source, image shape, counts, fingerprint."""
        path = self.folder / "data.json"
        return json.loads(path.read_text()) if path.exists() else self.end["data"]

    @functools.cached_property
    def end(self) -> dict:
        """How the run ended: `finished.json`."""
        return json.loads((self.folder / "finished.json").read_text())

    @functools.cached_property
    def rows(self) -> list[dict]:
        """What was measured during training: the lines of `metrics.jsonl`."""
        rows = []
        for line in (self.folder / "metrics.jsonl").read_text().splitlines():
            with contextlib.suppress(ValueError):  # a line cut off by a kill
                rows.append(json.loads(line))
        return rows

    @property
    def dims(self) -> int:
        """D, the number of values per image."""
        return math.prod(self.data["image_shape"])

    def curve(self, name: str) -> tuple[list[int], list[float]]:
        """Steps and values of a number in metrics.jsonl.

        A value that was not finite is infinity for an NLL and NaN for other numbers.
        """
        known = [row for row in self.rows if name in row]
        missing = math.inf if name.endswith("_nll") else math.nan
        values = [missing if row[name] is None else row[name] for row in known]
        return [row["step"] for row in known], values

    def last(self, name: str) -> float:
        """The last value of a curve."""
        return self.curve(name)[1][-1]

    def result(self, name: str, select: str | None = None, dtype: str | None = None) -> dict:
        """The result of an evaluation; see `find`.

        Raises:
          FileNotFoundError: there is none.
        """
        options = self.options.get((name, select, dtype), {})
        result = find(self.folder, name, select, dtype, options)
        if result is None:
            raise FileNotFoundError(f"{self.folder} has no {name} ({select}, {dtype})")
        return result

    def nll_above(
        self,
        other: "FinishedRun",
        select: str,
        part: str = "test",
        other_select: str | None = None,
    ) -> Mean:
        """How far the NLL is above that of another run, compared image by image.

        Args:
          other: a run on the same images.
          select: which weights; both runs were evaluated with the same noise.
          part: "test", "validation", "train", or "own_samples", which come from the same latents.
          other_select: which weights of the other run; None for the same.

        Returns:
          Mean and standard error of the difference, in nats.

        Raises:
          ValueError: the images or their noise differ.
        """
        sides = ((self, select), (other, other_select or select))
        results = [run.result("likelihood", which) for run, which in sides]
        made_with = [
            (r["data"]["fingerprint"], r["draws"], r["seed"], r["test"]["count"]) for r in results
        ]
        if made_with[0] != made_with[1]:
            raise ValueError(
                f"{self.folder} and {other.folder} were evaluated on different images or with "
                "different noise"
            )
        one, two = (run.arrays("likelihood", which)[part] for run, which in sides)
        return claim_mean(one.astype(np.float64) - two)

    def arrays(
        self, name: str, select: str | None = None, dtype: str | None = None
    ) -> dict[str, np.ndarray]:
        """What an evaluation kept per image; see `result`."""
        return dict(np.load(self.folder / "results" / self.result(name, select, dtype)["arrays"]))

    def picture(self, key: tuple[str, str | None, str | None], caption: str) -> pathlib.Path:
        """A picture that an evaluation drew; `key` holds the arguments of `result`."""
        return self.folder / "results" / self.result(*key)["pictures"][caption]

    def samples(self) -> pathlib.Path:
        """The last grid of samples that training drew."""
        return max((self.folder / "samples").glob("step-*.png"))


def claim_mean(values: Sequence[float] | np.ndarray) -> Mean:
    """The mean of values `[n]` with its error: NaN for a single one, which settles no claim."""
    mean = mean_with_error(values)
    return mean if mean["standard_error"] is not None else {**mean, "standard_error": math.nan}


def find(
    folder: pathlib.Path, name: str, select: str | None, dtype: str | None, options: dict
) -> dict | None:
    """The newest result of an evaluation in RUN/results.

    Args:
      folder: the run's.
      name: the evaluation's.
      select: which weights; None for those that the run selects.
      dtype: the precision of the evaluation; None for the run's.
      options: those that it must have been made with; without a limit here, it must have none.

    Returns:
      What its JSON file holds, in format 2, or None if there is none of the run's present weights.
    """
    try:
        config = json.loads((folder / "config.json").read_text())
        chosen, precision = select or config["select"], dtype or config["dtype"]
    except (OSError, ValueError, TypeError, LookupError):
        return None
    index = folder / "checkpoints" / f"{WEIGHTS[chosen]}.index"
    digest = hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else None
    best, newest = None, ""
    for path in (folder / "results").glob(f"{name}*.json"):
        try:
            result = results.read(path)
            weights, used = result["weights"], result["options"]
            date = result["provenance"]["date"]
            of_these_weights = weights["select"] == "all" or (
                weights["select"] == chosen and weights["sha256"] == digest
            )
            of_dtype = result.get("dtype", precision) == precision
            same_dtype = result["evaluation"] == name and of_dtype
            same_options = used.get("limit") == options.get("limit") and all(
                used.get(option) == value for option, value in options.items()
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not an evaluation's
        if of_these_weights and same_dtype and same_options and date >= newest:
            best, newest = result, date
    return best

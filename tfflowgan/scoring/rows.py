"""Files to rows of a table: a function of a model, its reference, settings and paths, and no more.

    scorer = Scorer(Settings(model="saved_models/parts"))
    rows, errors = scorer(paths)

A `Scorer` can be sent to another process, which loads the model when it is first called; a row is
the same number for number wherever it is made, and whatever other paths it is made with. Nothing is
written but pictures of maps, and no more than one pass of pixels is held, besides a few decoded
ahead.
"""

import collections
import dataclasses
import functools
import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.images import formats, read
from tfflowgan.scoring import models, scores
from tfflowgan.scoring.maps import Maps
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.reference import Reference, weights_checksum
from tfflowgan.statistics import Quantile, quantile_with_interval

__all__ = ["Error", "Row", "Scorer", "Settings", "columns_of", "judged", "threshold_of"]

Row = dict[str, Any]  # see `columns_of`
Error = dict[str, str]  # "path" and "reason"

_AHEAD = 2  # passes of images that are decoded ahead


@dataclasses.dataclass(frozen=True)
class Settings:
    """What rows depend on, besides the model and the files.

    Attributes:
      model: a run or a SavedModel.
      select: which weights of a run.
      score: the score that decides percentile and flag; None means the one that the model's
        reference has chosen on made defects, and likelihood without a reference.
      threshold: share of held-out images below the threshold, in percent.
      frames: "all" frames of a file that holds several are rows, or "refuse": it is an error.
      draws: noise draws per image; None means those of the reference, else 8.
      seed: of the noise; None means that of the reference, else 0.
      data_dir: where the training images of a run are now.
      allow_code: whether a file of Python code that the model names may be executed.
      maps: where pictures of maps go, and of which images; None for no pictures.
    """

    model: str
    select: str | None = None
    score: str | None = None
    threshold: float = 99.0
    frames: str = "all"
    draws: int | None = None
    seed: int | None = None
    data_dir: str | None = None
    allow_code: bool = False
    maps: Maps | None = None

    def __post_init__(self):
        """Checks the values.

        Raises:
          UserError: there is no such score, or the threshold is not between 0 and 100.
        """
        if self.score is not None:
            scores.load(self.score)
        if not 0.0 < self.threshold < 100.0:
            raise UserError(f"--threshold={self.threshold:g} must lie between 0 and 100 (percent).")


class Scorer:
    """Turns paths into rows.

    Attributes:
      settings: what was asked for.
      done: what reading did to images so far in this process: notes of `tfflowgan.images.read`, and
        "grey" or "colour" for images that became the model's.
    """

    def __init__(self, settings: Settings, model: models.Model | None = None):
        """Loads nothing yet.

        Args:
          settings: what to compute.
          model: the loaded model of the settings, if it is there already.
        """
        self.settings = settings
        self.done: collections.Counter[str] = collections.Counter()
        if model is not None:
            self.model = model

    def __getstate__(self):
        """Without the model, which the other process loads."""
        return {"settings": self.settings, "done": collections.Counter()}

    @functools.cached_property
    def model(self) -> models.Model:
        """The flow and its reference.

        Raises:
          UserError: they cannot be loaded.
        """
        s = self.settings
        return models.load(s.model, s.select, s.draws, s.seed, s.data_dir, s.allow_code)

    @property
    def scores(self) -> list[str]:
        """The names of all scores that the model allows."""
        return list(scores.possible(self.model.measure.in_place))

    @functools.cached_property
    def score(self) -> str:
        """The score that decides percentile and flag, see `Settings`."""
        return self.model.score(self.settings.score)

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of a row's values, in the order of a table."""
        return columns_of(self.scores)

    def key(self) -> list:
        """Plain values on which every row depends, besides the file's own pixels."""
        model = self.model
        reference = None if model.reference is None else model.reference.key()
        measure = model.measure
        rest = [measure.draws, measure.seed, self.score, self.settings.threshold]
        rest += [self.settings.frames, repr(self.settings.maps)]
        return [weights_checksum(measure.flow), reference, *rest, *self.columns]

    def __call__(self, paths: Sequence[str | os.PathLike]) -> tuple[list[Row], list[Error]]:
        """Scores files.

        Args:
          paths: of image files.

        Returns:
          One row per image in the order of the paths, and the files that could not be read. A file
          of several frames has the rows `path#1`, `path#2`, ... A value that is not known is None.
        """
        errors: list[Error] = []
        rows: list[Row] = []
        waiting: collections.deque[str] = collections.deque()

        def images():
            for path, result in self._decoded(paths):
                if isinstance(result, read.Unreadable):
                    errors.append({"path": path, "reason": str(result)})
                    continue
                frames, done = result
                self.done.update(done)
                for i, pixels in enumerate(frames, 1):
                    waiting.append(path if len(frames) == 1 else f"{path}#{i}")
                    yield pixels

        for batch in self.model.measure.batches(images()):
            names = [waiting.popleft() for _ in range(len(batch))]
            values = judged(batch, self.model, self.score, self.settings.threshold)
            if self.settings.maps is not None:
                self.settings.maps.write(names, batch, self.model, self.score, values)
            for i, name in enumerate(names):
                row = {column: _plain(values[column][i]) for column in self.columns[1:]}
                rows.append({"path": name} | row)
        return rows, errors

    def pixels(self, path: str | os.PathLike) -> list[np.ndarray]:
        """The pixels of a file as the model sees them.

        Args:
          path: of an image file.

        Returns:
          Of every frame, uint8 `[H, W, C]`.

        Raises:
          Unreadable: the file cannot be read, or holds several frames and `frames` refuses them.
        """
        return self._read(path)[0]

    def image(self, path: str) -> np.ndarray:
        """The pixels of a row's path, uint8 `[H, W, C]`.

        Raises:
          Unreadable: the file cannot be read any more.
        """
        name, _, frame = path.rpartition("#")
        if frame.isdecimal() and name and not os.path.exists(path):
            return self.pixels(name)[int(frame) - 1]
        return self.pixels(path)[0]

    def _read(self, path):
        """The pixels of every frame, and counts of what was done to them."""
        height, width, channels = self.model.measure.flow.image_shape
        path = pathlib.Path(path)
        if self.settings.frames == "refuse" and (count := read.header(path).frames) > 1:
            raise read.Unreadable(f"holds {count} frames, which --frames=refuse does not take")
        found, done = [], collections.Counter[str]()
        for picture, notes in read.pictures(path):
            done.update(notes)
            if (picture.mode == "L") != (channels == 1):
                done["grey" if picture.mode == "L" else "colour"] += 1
            found.append(read.pixels(picture, channels, (width, height)))
        return found, done

    def _decoded(self, paths) -> Iterator[tuple[str, Any]]:
        """What `_read` gives of each file, or `Unreadable`; threads decode a few files ahead."""
        formats.endings()  # makes Pillow know HEIC, if there is a library for it

        def guarded(path):
            try:
                return self._read(path)
            except read.Unreadable as error:
                return error

        ahead: collections.deque[tuple[str, Future]] = collections.deque()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for path in paths:
                ahead.append((str(path), pool.submit(guarded, path)))
                if len(ahead) > _AHEAD * self.model.measure.size:
                    first, future = ahead.popleft()
                    yield first, future.result()
            while ahead:
                first, future = ahead.popleft()
                yield first, future.result()


def columns_of(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of a table of these scores; likelihood is the column bits_per_dim."""
    others = (name for name in names if name != "likelihood")
    return ("path", "bits_per_dim", "standard_error", "percentile", *others, "flag")


def judged(
    batch: Batch, model: models.Model, score: str, threshold: float
) -> dict[str, np.ndarray]:
    """All columns of a batch but its paths.

    Args:
      batch: of the model.
      model: the flow and its reference.
      score: the score that decides percentile and flag.
      threshold: share of held-out images below the threshold, in percent.

    Returns:
      Arrays `[B]` by column; NaN, or None for flags, where there is no reference.
    """
    unknown = np.full(len(batch), np.nan)
    found = {"bits_per_dim": batch.bits_per_dim, "standard_error": batch.standard_error}
    reference = model.reference
    fitted = reference.fitted if reference else {}
    for name, one in scores.possible(model.measure.in_place).items():
        known = one.fit is None or name in fitted
        found[name] = one.score(batch, fitted.get(name, {})) if known else unknown
    limit = threshold_of(reference, score, threshold)
    if reference is None or limit is None:
        return found | {"percentile": unknown, "flag": np.full(len(batch), None)}
    percentile = reference.percentile(score, found[score])
    return found | {"percentile": percentile, "flag": ~(found[score] <= limit["value"])}


def threshold_of(reference: Reference | None, score: str, threshold: float) -> Quantile | None:
    """The value of a score that a share of held-out images does not exceed, with its interval.

    Args:
      reference: of the model.
      score: its name.
      threshold: the share, in percent.

    Returns:
      The quantile; None if the reference does not have the score.
    """
    if reference is None or score not in reference.held_out:
        return None
    return quantile_with_interval(reference.held_out[score], threshold / 100.0)


def _plain(value):
    """A value as tables hold it: None for what is not known."""
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    return None if np.isnan(value) else float(value)

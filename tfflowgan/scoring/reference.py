"""What a model must know of its own images, so that a score of another image means something.

    train       each score of up to 2,000 training images, for percentiles
    held_out    each score of up to 2,000 images of validation and test together, for thresholds:
                the model was not fitted to them (validation chose the best weights, no more)
    fitted      what scores learn from those training images
    choice      the score that finds made defects of held-out images best (`choice`)
    ranges      the colours of maps, from 200 training images: from what a hundredth of the pixels
                fall below in half of the images, to what a thousandth exceeds in one of twenty

Images are drawn by the seed. One npz file holds it all, together with the settings under which the
numbers compare: shape of the images, what transparency is composited on, draws and seed of the
noise, and the checksum of the weights.
"""

import dataclasses
import hashlib
import io
import json
import os
import pathlib
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from tqdm import tqdm

from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.images import read
from tfflowgan.scoring import choice, scores
from tfflowgan.scoring.choice import Choice
from tfflowgan.scoring.measurements import Batch, Measure

__all__ = ["LIMIT", "Reference", "from_file", "from_splits", "weights_checksum"]

LIMIT = 2000  # images of each kind
_MAPPED = 200  # training images whose maps give the colours
_FORMAT = 1  # to be raised when a score or its arrays mean something else
_PIXELS = (0.01, 0.999)  # quantiles of an image's map
_IMAGES = (0.5, 0.95)  # quantiles of these over images


@dataclasses.dataclass(frozen=True)
class Reference:
    """A model's scores of its own images.

    Attributes:
      settings: plain values: "format", "image_shape", "background", "draws", "seed", "weights" (a
        checksum), "data" (name, source and fingerprint) and "counts" of images by kind.
      train: score -> values of training images, float64 `[N]`.
      held_out: score -> values of validation and test images, float64 `[M]`.
      fitted: score -> what it learned, arrays by name.
      ranges: score -> lowest and highest value of its map's colours.
      choice: the score that suits the model, and why.
    """

    settings: dict[str, Any]
    train: dict[str, np.ndarray]
    held_out: dict[str, np.ndarray]
    fitted: dict[str, dict[str, np.ndarray]]
    ranges: dict[str, tuple[float, float]]
    choice: Choice

    @property
    def draws(self) -> int:
        """Noise draws per image."""
        return self.settings["draws"]

    @property
    def seed(self) -> int:
        """Of the noise, and of the choice of images."""
        return self.settings["seed"]

    def key(self) -> str:
        """A digest of everything in it: what rows that were made with it depend on."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def percentile(self, score: str, values: np.ndarray) -> np.ndarray:
        """The share of training images with a lower score, in percent; ties count half.

        Args:
          score: its name.
          values: scores `[B]`.
        """
        ordered = np.sort(self.train[score])
        low, high = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
        return 50.0 * (low + high) / len(ordered)

    def to_bytes(self) -> bytes:
        """The content of its file, the same for the same values."""
        plain = self.settings | {"choice": self.choice.to_dict()}
        arrays = {"settings": np.array(json.dumps(plain, sort_keys=True))}
        for kind in ("train", "held_out", "ranges"):
            arrays |= {f"{kind}/{n}": np.asarray(v) for n, v in getattr(self, kind).items()}
        for name, found in self.fitted.items():
            arrays |= {f"fitted/{name}/{part}": np.asarray(v) for part, v in found.items()}
        file = io.BytesIO()
        ordered: dict[str, Any] = {name: arrays[name] for name in sorted(arrays)}
        np.savez_compressed(file, **ordered)
        return file.getvalue()

    def save(self, path: pathlib.Path) -> None:
        """Writes one npz file, whole or not at all.

        Raises:
          OSError: the folder cannot be written.
        """
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            part.write_bytes(self.to_bytes())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    def check(self, flow: Flow, where: str) -> None:
        """Checks that it belongs to a flow.

        Args:
          flow: the model.
          where: what the message calls the reference's place.

        Raises:
          UserError: it was measured with other weights or on other pixels.
        """
        if self.settings["weights"] != weights_checksum(flow):
            raise UserError(
                f"{where} was measured with other weights than the model's; export it again with "
                "bin/export --run=RUN."
            )
        if self.settings["background"] != read.BACKGROUND:
            raise UserError(
                f"{where} was measured on images with transparency composited on "
                f"{self.settings['background']}, and this version uses {read.BACKGROUND}; export "
                "the model again with bin/export --run=RUN."
            )


def weights_checksum(flow: Flow) -> str:
    """The SHA-256 of a flow's weights, the same for a run and for what was exported from it."""
    digest = hashlib.sha256()
    for value in flow.get_weights():
        digest.update(f"{value.shape} {value.dtype}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def from_splits(
    measure: Measure, splits: Splits, limit: int = LIMIT, shown: bool = False
) -> Reference:
    """Scores a model's own images: training images, from which scores learn, and held-out ones.

    Args:
      measure: the flow and the settings of its noise.
      splits: the images that it was trained on.
      limit: images of each kind at most.
      shown: whether to show progress bars.

    Raises:
      UserError: there are no held-out images.
    """
    kept = scores.possible(measure.in_place)
    held_out = [splits.validation.images, splits.test.images]
    chosen = {
        "train": _drawn([splits.train.images], limit, measure.seed),
        "held_out": _drawn(held_out, limit, measure.seed),
    }
    if not len(chosen["held_out"]):
        raise UserError(
            f"{splits.source} has no validation or test images, without which a threshold means "
            "nothing; train with some held out."
        )

    def batches(kind: str, text: str) -> Iterator[Batch]:
        hidden = None if shown else True  # None: unless it is no terminal
        return measure.batches(tqdm(chosen[kind], text, unit="image", disable=hidden, leave=False))

    fits = {name: score.fit() for name, score in kept.items() if score.fit}
    log_probs = []  # so that most scores need no second pass of the flow
    for batch in batches("train", "fitting scores"):
        log_probs.append(batch.log_probs)
        for fit in fits.values():
            fit.update(batch)
    fitted = {name: fits[name].result() if name in fits else {} for name in kept}
    values: dict[str, dict[str, list]] = {kind: {name: [] for name in kept} for kind in chosen}
    maps = {name: score.pixel_map for name, score in kept.items() if score.pixel_map}
    ends: dict[str, list] = {name: [] for name in maps if measure.in_place}
    seen = 0
    for batch in batches("train", "training images"):
        batch = Batch(measure, batch.images, log_probs.pop(0))
        for name, score in kept.items():
            values["train"][name].append(score.score(batch, fitted[name]))
        for name in ends if seen < _MAPPED else ():
            found = maps[name](batch, fitted[name]).reshape(len(batch), -1)
            ends[name].append(np.quantile(found, _PIXELS, axis=1))
        seen += len(batch)
    for batch in batches("held_out", "held-out images"):
        for name, score in kept.items():
            values["held_out"][name].append(score.score(batch, fitted[name]))
    joined = {
        kind: {name: np.concatenate(parts) for name, parts in found.items()}
        for kind, found in values.items()
    }
    ranges = {}
    for name, parts in ends.items():
        low, high = np.concatenate(parts, axis=1)
        ranges[name] = (
            float(np.quantile(low, _IMAGES[0])),
            float(np.quantile(high, _IMAGES[1])),
        )
    settings = {
        "format": _FORMAT,
        "image_shape": list(measure.flow.image_shape),
        "background": read.BACKGROUND,
        "draws": measure.draws,
        "seed": measure.seed,
        "weights": weights_checksum(measure.flow),
        "data": {
            "name": splits.name,
            "source": splits.source,
            "fingerprint": splits.provenance()["fingerprint"],
        },
        "counts": {kind: len(images) for kind, images in chosen.items()},
    }
    good = np.stack(list(_drawn(held_out, choice.LIMIT, measure.seed)))
    score = choice.choose(good, measure, kept, fitted, shown)
    return Reference(settings, joined["train"], joined["held_out"], fitted, ranges, score)


def from_file(path: pathlib.Path) -> Reference | None:
    """Reads what `Reference.save` wrote; None if there is no whole file of this format."""
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            arrays = {name: file[name] for name in file.files}
        settings = json.loads(str(arrays.pop("settings")))
        if settings["format"] != _FORMAT:
            return None
        found: dict[str, dict] = {"train": {}, "held_out": {}, "fitted": {}, "ranges": {}}
        for name, value in arrays.items():
            kind, score, *part = name.split("/")
            if kind == "fitted":
                found[kind].setdefault(score, {})[part[0]] = value
            else:
                found[kind][score] = tuple(map(float, value)) if kind == "ranges" else value
        return Reference(settings, **found, choice=Choice(**settings.pop("choice")))
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile):
        return None


class _Drawn:
    """Some images of several arrays, read one by one."""

    def __init__(self, arrays, chosen):
        self._arrays, self._chosen = arrays, chosen

    def __len__(self):
        return len(self._chosen)

    def __iter__(self):
        starts = np.cumsum([0, *map(len, self._arrays)])
        for i in self._chosen:
            part = int(np.searchsorted(starts, i, "right")) - 1
            yield np.asarray(self._arrays[part][i - starts[part]])


def _drawn(arrays: list[np.ndarray], limit: int, seed: int) -> _Drawn:
    count = sum(map(len, arrays))
    order = np.random.default_rng(seed).permutation(count)[:limit]
    return _Drawn(arrays, np.sort(order))

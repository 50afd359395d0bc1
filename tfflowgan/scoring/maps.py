"""Pictures of where an image is unlikely: the image, and beside it the map of a score.

The map of `likelihood` is the NLL split over the pixels, in nats: each level's latents and
log-scales stand where the values of the image were that they came from (see
`tfflowgan.bijectors.positions`), so the map's sum is the image's NLL. In `nice` and `nvp` each of
them belongs to one value of the image. `real_nvp` mixes channels, which after a squeeze are blocks
of 2x2 pixels, from the second level on of 4x4: only the sum over a block is exact there.

It shows which pixels cost much. It does not show a cause: a term depends on the whole image through
the networks, so a wrong pixel can make its neighbours expensive, even in stripes, because deeper
levels see every second or fourth pixel. Edges and texture always cost more than plain ground. That
is why the colours are those of training images: the brightest is what a thousandth of the pixels
exceeds in one of twenty of them. Without a reference, the colours are the image's own.

A score without a map of its own shows that of likelihood.
"""

import dataclasses
import hashlib
import os
import pathlib
import tempfile
from typing import Literal

import matplotlib
import numpy as np
from PIL import Image, ImageDraw

from tfflowgan.errors import UserError
from tfflowgan.scoring import models, scores
from tfflowgan.scoring.measurements import Batch

__all__ = ["Maps", "mapped", "picture"]

_SIDE = 256  # pixels of each half of a picture, at least
_GAP = 8
_TEXT = 34  # below the picture
_LONGEST = 200  # bytes of a file's name; most systems allow 255, some of which endings take


@dataclasses.dataclass(frozen=True)
class Maps:
    """Where pictures go.

    Attributes:
      folder: PATH.png for an image PATH below its root; with two roots, below the name of its root.
      of: which images: "flagged" or "all".
      roots: name and folder of what is scored.
    """

    folder: str
    of: Literal["flagged", "all"]
    roots: tuple[tuple[str, str], ...]

    def check(self) -> None:
        """Makes the folder, before anything is scored.

        Raises:
          UserError: it cannot be made or written.
        """
        try:
            pathlib.Path(self.folder).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as error:
            raise UserError(f"--maps={self.folder} cannot be written: {error.strerror}.") from None

    def place(self, path: str) -> pathlib.Path:
        """Where the picture of a row's path goes; a name that would be too long is cut."""
        for name, root in self.roots:
            if pathlib.Path(path).is_relative_to(root):
                inner = pathlib.Path(path).relative_to(root)
                inner = name / inner if len(self.roots) > 1 else inner
                return pathlib.Path(self.folder) / inner.with_name(_name(inner))
        return pathlib.Path(self.folder) / _name(pathlib.Path(path))

    def write(
        self,
        paths: list[str],
        batch: Batch,
        model: models.Model,
        score: str,
        values: dict[str, np.ndarray],
    ) -> None:
        """Writes the pictures of a batch.

        Args:
          paths: of its images.
          batch: the images.
          model: the flow and its reference.
          score: whose map it is.
          values: columns of the batch, "flag" and the score's among them.

        Raises:
          UserError: a picture cannot be written, or the model has no maps.
        """
        chosen = [i for i in range(len(batch)) if self.of == "all" or values["flag"][i]]
        if not chosen:
            return
        shown = mapped(score)
        fitted = model.reference.fitted.get(shown, {}) if model.reference else {}
        pixel_map = scores.load(shown).pixel_map
        assert pixel_map is not None
        found = pixel_map(batch, fitted)
        known = model.reference.ranges.get(shown) if model.reference else None
        for i in chosen:
            place = self.place(paths[i])
            low, high = known or np.quantile(found[i], [0.01, 0.999])
            text = f"{score} {values[score][i]:.3f}   map of {shown}, per pixel"
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                part = place.with_name(f".{place.name}.part")
                picture(batch.images[i], found[i], float(low), float(high), text).save(part, "png")
                os.replace(part, place)
            except OSError as error:
                raise UserError(f"--maps: {place} cannot be written: {error.strerror}.") from None


def _name(path):
    """The name of a picture; cut with a digest of the whole where systems would refuse it."""
    name = os.fsencode(path.name)
    if len(name) > _LONGEST:
        kept = name[:_LONGEST].decode("utf-8", "ignore")
        return f"{kept}-{hashlib.sha256(name).hexdigest()[:8]}.png"
    return f"{path.name}.png"


def mapped(score: str) -> str:
    """The score whose map is shown for a score: its own, else that of likelihood."""
    return score if scores.load(score).pixel_map else "likelihood"


def picture(
    pixels: np.ndarray, values: np.ndarray, low: float, high: float, text: str
) -> Image.Image:
    """An image, its map, the scale of the map's colours, and a line of text.

    Args:
      pixels: uint8 `[H, W, C]`.
      values: `[H, W]`.
      low: what the darkest colour stands for, and all below it.
      high: what the brightest colour stands for, and all above it.
      text: below the image.
    """
    scale = max(1, -(-_SIDE // max(pixels.shape[:2])))
    shares = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    right = _coloured(shares)
    left = np.broadcast_to(pixels, right.shape)
    halves = [part.repeat(scale, axis=0).repeat(scale, axis=1) for part in (left, right)]
    height, width, _ = halves[0].shape
    canvas = Image.new("RGB", (2 * width + _GAP, height + _TEXT), "white")
    for i, half in enumerate(halves):
        canvas.paste(Image.fromarray(half), (i * (width + _GAP), 0))
    bar = _coloured(np.linspace(0, 1, width)[np.newaxis]).repeat(8, axis=0)
    canvas.paste(Image.fromarray(bar), (width + _GAP, height + 4))
    draw = ImageDraw.Draw(canvas)
    draw.text((2, height + 4), text, "black")
    draw.text((width + _GAP, height + 16), f"{low:.3g}", "black")
    right_end = f"{high:.3g}"
    draw.text((2 * width + _GAP - draw.textlength(right_end), height + 16), right_end, "black")
    return canvas


def _coloured(shares):
    """RGB of numbers from 0 to 1, uint8 `[H, W, 3]`."""
    colours = matplotlib.colormaps["inferno"](shares)[..., :3]
    return (255 * colours).round().astype(np.uint8)

"""Made defects of good images, to choose a score before any real defect is known.

    cut_paste    a rectangle of the image, copied to another place (Li et al., 2021, section 2)
    scar         a thin strip of the image, turned and copied elsewhere (the same)
    blot         a spot of a random colour with a soft edge
    smear        a spot that is blurred
    turned       a square that is upside down

Each image gets one defect, of random place and size, in the middle three fifths of the image or
close to it: photos show their subject there. They are not meant to look like any real defect, only
to be local and to differ from one another; a score that finds all of them is no specialist.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["CORRUPTIONS", "corrupted"]

_FINE = 8  # defects are drawn at this multiple of the image's size, so that thin ones have edges
_TRIES = 10  # a defect that falls on an even ground changes nothing, and is drawn again


def corrupted(images: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """The images with one defect each.

    Args:
      images: uint8 `[N, H, W, C]` with 1 or 3 channels.
      kind: a key of `CORRUPTIONS`.
      seed: image i's defect depends only on the seed, the kind and i.

    Returns:
      uint8 `[N, H, W, C]`; every image differs from its original unless it is of one colour.
    """
    number = list(CORRUPTIONS).index(kind)
    made = []
    for i, image in enumerate(images):
        random = np.random.default_rng([seed, number, i])
        for _ in range(_TRIES):
            found = _drawn(image, CORRUPTIONS[kind], random)
            if (found != image).any():
                break
        made.append(found)
    return np.stack(made) if made else images.copy()


def _drawn(image, draw, random):
    height, width, channels = image.shape
    picture = Image.fromarray(image[..., 0] if channels == 1 else image)
    scale = max(1, _FINE * 32 // max(height, width))
    large = picture.resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    # Only what the defect changed is taken over; the rest stays as it is, pixel by pixel.
    before = np.asarray(large.resize((width, height), Image.Resampling.BOX), np.int16)
    after = draw(large, random).resize((width, height), Image.Resampling.BOX)
    change = np.asarray(after, np.int16) - before
    changed = np.asarray(picture, np.int16) + change
    return changed.clip(0, 255).astype(np.uint8).reshape(image.shape)


def _cut_paste(picture, random):
    size = [_length(side, random, 0.08, 0.25) for side in picture.size]
    return _pasted(picture, _cut(picture, size, random), random)


def _scar(picture, random):
    size = [_length(picture.width, random, 0.1, 0.35), _length(picture.height, random, 0.015, 0.04)]
    strip = _cut(picture, size, random)
    mask = Image.new("L", strip.size, 255)
    turn = random.uniform(-90, 90)
    strip, mask = (p.rotate(turn, expand=True) for p in (strip, mask))
    return _pasted(picture, strip, random, mask)


def _blot(picture, random):
    red, green, blue = (int(v) for v in random.integers(0, 256, 3))
    colour = red if picture.mode == "L" else (red, green, blue)
    ground = Image.new(picture.mode, picture.size, colour)
    return Image.composite(ground, picture, _spot(picture, random, 0.03, 0.1))


def _smear(picture, random):
    blurred = picture.filter(ImageFilter.GaussianBlur(0.04 * max(picture.size)))
    return Image.composite(blurred, picture, _spot(picture, random, 0.06, 0.15))


def _turned(picture, random):
    side = _length(min(picture.size), random, 0.15, 0.3)
    x, y = (int(random.uniform(0.2 * s, 0.8 * s - side)) for s in picture.size)
    square = picture.crop((x, y, x + side, y + side)).rotate(180)
    made = picture.copy()
    made.paste(square, (x, y))
    return made


CORRUPTIONS: dict[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "cut_paste": _cut_paste,
    "scar": _scar,
    "blot": _blot,
    "smear": _smear,
    "turned": _turned,
}


def _length(side, random, low, high):
    return max(1, int(random.uniform(low, high) * side))


def _cut(picture, size, random):
    x, y = (
        int(random.integers(0, side - part + 1))
        for side, part in zip(picture.size, size, strict=True)
    )
    return picture.crop((x, y, x + size[0], y + size[1]))


def _pasted(picture, part, random, mask=None):
    """The picture with a part pasted so that the part's middle lies in the middle three fifths."""
    place = [
        int(random.uniform(0.2 * side, 0.8 * side) - length / 2)
        for side, length in zip(picture.size, part.size, strict=True)
    ]
    made = picture.copy()
    made.paste(part, tuple(place), mask)
    return made


def _spot(picture, random, low, high):
    """A mask: an ellipse with a soft edge in the middle three fifths."""
    x, y = (random.uniform(0.2, 0.8) * side for side in picture.size)
    radius = random.uniform(low, high) * min(picture.size)
    flat = radius * random.uniform(0.5, 1.0)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((x - radius, y - flat, x + radius, y + flat), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(0.01 * min(picture.size)))

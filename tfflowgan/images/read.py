"""One file, or one opened picture, as 8-bit pixels: the only place where a picture is interpreted.

    turned upright     as its EXIF orientation says
    scaled to 8 bits   k = floor(v / 2^(b - 8)) of a value v of b bits, its most significant 8 bits
    composited         on white where it is transparent
    grey or RGB        as its mode is; other colour spaces become RGB

Quantization by the most significant bits keeps v / 2^b within [k / 256, (k + 1) / 256), the
interval over which dequantization spreads k.
"""

import contextlib
import dataclasses
import pathlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

__all__ = ["BACKGROUND", "Header", "Unreadable", "flat", "header", "pictures", "pixels", "single"]
__all__ += ["DEEP", "SEVERAL", "TRANSPARENT", "TURNED"]

BACKGROUND = "white"  # what transparent pixels are composited on
DEEP, TRANSPARENT, TURNED, SEVERAL = "deep", "transparent", "turned", "several"  # notes of `flat`

_GREY = {"1", "L", "LA", "La", "I"}  # "I" begins the modes of deep grey, such as "I;16"
_ORIENTATION = 0x0112
# The other pictures of these are previews, layers or sizes of the same one.
_ONE_PICTURE = {"CUR", "HEIF", "ICNS", "ICO", "MPO", "PSD"}


class Unreadable(Exception):
    """A file is no picture that can be read; the message is the reason."""


@dataclasses.dataclass(frozen=True)
class Header:
    """What a file says of itself before its pixels are decoded: grey or not, number of frames."""

    grey: bool
    frames: int


def header(path: pathlib.Path) -> Header:
    """Reads a file's header.

    Raises:
      Unreadable: Pillow cannot open the file.
    """
    with _clear_errors(), Image.open(path) as picture:
        return Header(picture.mode.partition(";")[0] in _GREY, _frames(picture))


def pictures(path: pathlib.Path) -> Iterator[tuple[Image.Image, frozenset[str]]]:
    """All frames of a file, each as `flat` gives it.

    Raises:
      Unreadable: the file, or one of its frames, cannot be decoded.
    """
    with _clear_errors(), Image.open(path) as picture:
        count = _frames(picture)
        for frame in range(count):
            picture.seek(frame)
            found, notes = flat(picture)
            yield found, notes | {SEVERAL} if count > 1 else notes


def single(path: pathlib.Path) -> Image.Image:
    """The only picture of a file, as `flat` gives it.

    Raises:
      Unreadable: it cannot be decoded, or the file holds several frames.
    """
    with _clear_errors(), Image.open(path) as picture:
        if (count := _frames(picture)) > 1:
            raise Unreadable(f"it has {count} frames, and one is needed")
        return flat(picture)[0]


def flat(picture: Image.Image) -> tuple[Image.Image, frozenset[str]]:
    """A picture upright, of 8 bits, without transparency.

    Args:
      picture: of any mode.

    Returns:
      The picture of mode "L" if it was grey and else "RGB"; and what was done to it: `TURNED`,
      `DEEP` (scaled from more than 8 bits), `TRANSPARENT` (composited on `BACKGROUND`).

    Raises:
      Unreadable: its values have no known range.
    """
    notes = set()
    bits = _bits(picture)  # before anything is decoded, which makes Pillow forget it
    if picture.getexif().get(_ORIENTATION, 1) in range(2, 9):
        notes.add(TURNED)
    picture = ImageOps.exif_transpose(picture)
    grey = picture.mode.partition(";")[0] in _GREY
    if bits is None:
        raise Unreadable(f"mode {picture.mode} has no known range; save it with 8 or 16 bits")
    if bits > 8:
        notes.add(DEEP)
    if picture.mode.startswith("I"):
        picture = Image.fromarray((np.asarray(picture) >> (bits - 8)).astype(np.uint8))
    if picture.mode in ("La", "RGBa"):
        picture = picture.convert(picture.mode.upper())
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if np.asarray(picture.getchannel("A")).min() < 255:
            notes.add(TRANSPARENT)
            background = Image.new("RGBA", picture.size, BACKGROUND)
            picture = Image.alpha_composite(background, picture)
    return picture.convert("L" if grey else "RGB"), frozenset(notes)


def pixels(picture: Image.Image, channels: int, size: tuple[int, int] | None = None) -> np.ndarray:
    """The pixels of a picture, cut to a size.

    Args:
      picture: as `flat` gives it.
      channels: 1 for grey or 3 for colour.
      size: (width, height) to cut the centre to, resized by area; None leaves the picture as it is.

    Returns:
      uint8 `[H, W, channels]`.
    """
    picture = picture.convert("L" if channels == 1 else "RGB")
    if size is not None:
        picture = ImageOps.fit(picture, size, Image.Resampling.BOX)
    return np.asarray(picture, np.uint8).reshape(picture.height, picture.width, channels)


def _frames(picture):
    return 1 if picture.format in _ONE_PICTURE else getattr(picture, "n_frames", 1)


def _bits(picture):
    """Bits per value of the file, as far as Pillow shows them; None where no range is known."""
    raw = [str(tile[3]) for tile in getattr(picture, "tile", None) or []]
    if any(";12" in mode for mode in raw):
        return 12
    if picture.mode.startswith("I;16") or any(";16" in m and ";16S" not in m for m in raw):
        return 16
    if picture.mode == "I" and picture.format in ("PNG", "PPM"):  # Pillow widens their 16 bits
        return 16
    if picture.mode in ("I", "F"):
        return None
    deep = [t for t in getattr(picture, "tile", None) or [] if t[0] == "ppm" and t[3][-1] > 255]
    return 16 if deep else 8


@contextlib.contextmanager
def _clear_errors():
    """Turns whatever a decoder raises into `Unreadable`."""
    try:
        yield
    except Unreadable:
        raise
    except Image.UnidentifiedImageError:
        raise Unreadable("not an image, or damaged") from None
    except Exception as error:  # decoders raise many kinds where a file is damaged
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise Unreadable(reason or type(error).__name__) from None

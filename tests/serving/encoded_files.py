"""Image files as bytes: those that a served model reads as Python does, and those it refuses."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin

from tests.images.test_read import deep_png

__all__ = ["plain", "refused"]


def _saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _picture(height, width, mode="RGB", seed=0):
    """A soft picture with noise, which JPEG compresses as it does a photo."""
    random = np.random.default_rng(seed)
    soft = Image.fromarray(random.integers(0, 256, (3, 4, 3), np.uint8)).resize((width, height))
    noise = random.normal(0, 8, (height, width, 3))
    return Image.fromarray((np.asarray(soft) + noise).clip(0, 255).astype(np.uint8)).convert(mode)


def _exif(value, kind=3, order="<", tag=0x0112):
    """An EXIF block with one entry of a type."""
    packed = struct.pack(order + {1: "B", 3: "H", 4: "I", 9: "i", 11: "f"}[kind], value)
    entry = struct.pack(order + "HHI", tag, kind, 1) + packed.ljust(4, b"\0")
    head = b"II*\0" if order == "<" else b"MM\0*"
    return b"Exif\0\0" + head + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


def _chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _with_chunk(png, kind, data):
    """A PNG with one more chunk behind its header."""
    return png[:33] + _chunk(kind, data) + png[33:]


def _with_segment(jpeg, marker, data):
    """A JPEG with one more segment before the others."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


_XMP = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf tiff:Orientation="%d"/></x:xmpmeta>'
_PROFILE = bytes(range(256)) * 300  # longer than a segment, so a JPEG has two


def plain() -> dict[str, bytes]:
    """Files that need no conversion, by name."""
    photo = _picture(61, 83)
    jpeg, png = _saved(photo, "JPEG"), _saved(photo, "PNG")
    at = jpeg.index(b"\xff\xc4")
    tables = jpeg[at : at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])]
    levels = Image.fromarray(np.arange(240, dtype=np.uint8).reshape(12, 20))
    palette = photo.quantize(13)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "Exif", zip=True)
    return {
        "jpeg": jpeg,
        "jpeg 4:4:4": _saved(photo, "JPEG", subsampling=0, quality=95),
        "jpeg 4:2:2": _saved(photo, "JPEG", subsampling=1, quality=40),
        "jpeg progressive": _saved(photo, "JPEG", progressive=True, quality=85),
        "jpeg optimized, with restarts": _saved(
            photo, "JPEG", optimize=True, restart_marker_rows=1
        ),
        "jpeg grey": _saved(photo.convert("L"), "JPEG"),
        "jpeg of RGB": _saved(photo, "JPEG", keep_rgb=True),
        "jpeg with profile": _saved(photo, "JPEG", icc_profile=_PROFILE),
        "jpeg upright": _saved(photo, "JPEG", exif=_exif(1)),
        "jpeg upright, big-endian": _saved(photo, "JPEG", exif=_exif(1, 3, ">")),
        "jpeg with other exif": _saved(photo, "JPEG", exif=_exif(6, 3, "<", 0x0103)),
        "jpeg upright by xmp": _with_segment(jpeg, 0xE1, _XMP % 1),
        "jpeg with fill bytes": jpeg[:2] + b"\xff\xff" + jpeg[2:],
        "jpeg with a comment": _with_segment(jpeg, 0xFE, b"\xff\xc3 \xff\xd8\xff"),
        "jpeg with its tables first": jpeg[:2] + tables + jpeg[2:],
        "png": png,
        "png grey": _saved(photo.convert("L"), "PNG"),
        "png of one bit": _saved(photo.convert("1"), "PNG"),
        "png of two bits": _saved(palette.convert("L").quantize(4), "PNG", bits=2),
        "png palette": _saved(palette, "PNG"),
        "png of four bits": _saved(palette, "PNG", bits=4),
        "png levels": _saved(levels, "PNG"),
        "png upright": _saved(photo, "PNG", exif=_exif(1)),
        "png with text": _saved(photo, "PNG", pnginfo=text),
        "png with gamma and profile": _with_chunk(
            _saved(photo, "PNG", icc_profile=_PROFILE), b"gAMA", struct.pack(">I", 100000)
        ),
        "png of one pixel": _saved(_picture(1, 1), "PNG"),
        "jpeg of one pixel": _saved(_picture(1, 1), "JPEG"),
        "png very tall": _saved(_picture(707, 3), "PNG"),
        "png very wide": _saved(_picture(2, 540), "PNG"),
        "jpeg large": _saved(_picture(480, 641), "JPEG"),
    }


def refused() -> dict[str, tuple[bytes, int]]:
    """Files that must be converted first, by name, each with the index of the rule it breaks."""
    photo = _picture(20, 30)
    jpeg, png = _saved(photo, "JPEG"), _saved(photo, "PNG")
    clear = photo.copy()
    clear.putalpha(128)
    huge = (
        png[:8] + _chunk(b"IHDR", struct.pack(">IIBBBBB", 2**13, 2**13, 8, 2, 0, 0, 0)) + png[33:]
    )
    files = {
        "nothing": (b"", 0),
        "one byte": (b"\xff", 0),
        "text": (b"not an image", 0),
        "gif": (_saved(photo, "GIF"), 0),
        "bmp": (_saved(photo, "BMP"), 0),
        "webp": (_saved(photo, "WEBP"), 0),
        "tiff": (_saved(photo, "TIFF"), 0),
        "png without header": (png[:20], 0),
        "jpeg CMYK": (_saved(photo.convert("CMYK"), "JPEG"), 1),
        "jpeg that ends early": (jpeg[:8], 1),
        "jpeg lossless": (jpeg.replace(b"\xff\xc0", b"\xff\xc3"), 1),
        "jpeg of 12 bits": (jpeg.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc1\x00\x11\x0c"), 1),
        "png of 16 bits": (deep_png(np.zeros((3, 5, 3), np.uint16)), 2),
        "png with alpha": (_saved(clear, "PNG"), 3),
        "png grey with alpha": (_saved(clear.convert("LA"), "PNG"), 3),
        "png with a clear colour": (_saved(photo, "PNG", transparency=(1, 2, 3)), 3),
        "png with a clear palette": (_saved(photo.quantize(9), "PNG", transparency=2), 3),
        "png animated": (_saved(photo, "PNG", save_all=True, append_images=[photo.rotate(9)]), 4),
        "jpeg turned by xmp": (_with_segment(jpeg, 0xE1, _XMP % 6), 5),
        "png turned": (_saved(photo, "PNG", exif=_exif(8)), 5),
        "png turned by text": (_with_chunk(png, b"tEXt", b"Raw profile type exif\0\nexif\n"), 5),
        "png with packed xmp": (
            _with_chunk(png, b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(_XMP)),
            5,
        ),
        "png huge": (huge, 6),
    }
    for order in "<>":
        for value, kind in [(2, 3), (3, 3), (8, 3), (6, 1), (6, 4), (6, 9), (6.0, 11)]:
            exif = _exif(value, kind, order)
            files[f"jpeg turned, {order} {value} {kind}"] = (_saved(photo, "JPEG", exif=exif), 5)
    return files

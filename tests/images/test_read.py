"""How one file becomes pixels."""

import struct
import sys
import types
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from tfflowgan.images import formats, read


def read_one(path, channels=None):
    """(pixels, notes) of a file of one frame."""
    ((picture, notes),) = read.pictures(path)
    return read.pixels(picture, channels or {"L": 1, "RGB": 3}[picture.mode]), notes


def deep_png(values):
    """A PNG file of 16 bits of grey `[H, W]`, grey and alpha, colour, or colour and alpha."""
    values = values if values.ndim == 3 else values[..., None]
    height, width, channels = values.shape

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


DEEP = np.random.default_rng(0).integers(0, 65536, (3, 5, 4), np.uint16)


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_keep_their_high_byte_and_it_is_said(tmp_path, channels):
    (tmp_path / "a.png").write_bytes(deep_png(DEEP[..., :channels]))
    pixels, notes = read_one(tmp_path / "a.png")
    np.testing.assert_array_equal(pixels, DEEP[..., :channels] >> 8)
    assert notes == {read.DEEP}


def test_sixteen_bits_of_other_formats_are_noticed(tmp_path):
    grey = DEEP[..., 0]
    Image.fromarray(grey).save(tmp_path / "a.tif")
    (tmp_path / "b.pgm").write_bytes(b"P5 5 3 65535\n" + grey.astype(">u2").tobytes())
    for path in sorted(tmp_path.iterdir()):
        pixels, notes = read_one(path)
        np.testing.assert_array_equal(pixels[..., 0], grey >> 8)
        assert notes == {read.DEEP}
    (tmp_path / "c.ppm").write_bytes(b"P6 5 3 65535\n" + DEEP[..., :3].astype(">u2").tobytes())
    pixels, notes = read_one(tmp_path / "c.ppm")
    np.testing.assert_allclose(pixels, DEEP[..., :3] / 257, atol=1)  # Pillow's own scaling
    assert notes == {read.DEEP}


def test_deep_transparency_is_composited_too(tmp_path):
    values = np.full((2, 2, 4), 0x80FF, np.uint16)
    values[0, :, 3] = 0
    (tmp_path / "a.png").write_bytes(deep_png(values))
    pixels, notes = read_one(tmp_path / "a.png")
    assert (pixels[0] == 255).all() and (pixels[1] < 255).all()
    assert notes == {read.DEEP, read.TRANSPARENT}


def transparent(mode):
    """A dark picture, 4 x 2, whose second pixel is transparent; and options for `save`."""
    if mode == "P":
        picture = Image.new("P", (4, 2), 1)
        picture.putpalette([200, 200, 200, 9, 9, 9])
        picture.putpixel((1, 0), 0)
        return picture, {"transparency": 0}
    if mode == "RGB":
        picture = Image.new("RGB", (4, 2), (9, 9, 9))
        picture.putpixel((1, 0), (200, 200, 200))
        return picture, {"transparency": (200, 200, 200)}
    picture = Image.new("RGBA", (4, 2), (9, 9, 9, 255))
    picture.putpixel((1, 0), (200, 200, 200, 0))
    return picture.convert(mode), {}


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P", "RGB"])
def test_transparent_pixels_are_white_whatever_colour_lies_below_them(tmp_path, mode):
    picture, options = transparent(mode)
    picture.save(tmp_path / "a.png", **options)
    pixels, notes = read_one(tmp_path / "a.png")
    assert (pixels[0, 1] == 255).all() and (pixels[1] == 9).all()
    assert pixels.shape[-1] == (1 if mode == "LA" else 3) and notes == {read.TRANSPARENT}


def test_an_opaque_alpha_channel_changes_nothing(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)
    Image.fromarray(np.dstack([values, np.full((3, 5), 255, np.uint8)])).save(tmp_path / "a.png")
    pixels, notes = read_one(tmp_path / "a.png")
    np.testing.assert_array_equal(pixels, values)
    assert not notes


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
def test_pictures_are_turned_upright(tmp_path, ending):
    picture = Image.new("RGB", (40, 16))
    picture.paste((255, 255, 255), (0, 0, 40, 8))  # white above
    exif = Image.Exif()
    exif[0x0112] = 6  # is to be turned to the right
    picture.save(tmp_path / f"a.{ending}", exif=exif)
    pixels, notes = read_one(tmp_path / f"a.{ending}")
    assert pixels.shape == (40, 16, 3) and notes == {read.TURNED}
    assert pixels[:, 12:].min() > 200 and pixels[:, :4].max() < 50  # white on the right


@pytest.mark.parametrize("ending", ["tif", "gif", "webp", "png"])
def test_every_frame_is_read(tmp_path, ending):
    frames = [Image.new("RGB", (8, 8), (60 * i, 10, 10)) for i in range(4)]
    path = tmp_path / f"a.{ending}"
    options = {"lossless": True} if ending == "webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    assert read.header(path).frames == 4
    found = list(read.pictures(path))
    assert [read.pixels(p, 3)[4, 4, 0] for p, _ in found] == [0, 60, 120, 180]
    assert all(notes == {read.SEVERAL} for _, notes in found)


def test_the_preview_in_a_photo_is_no_image_of_its_own(tmp_path):
    photo = Image.new("RGB", (16, 16), (200, 0, 0))
    path = tmp_path / "a.jpg"
    photo.save(path, format="MPO", save_all=True, append_images=[Image.new("RGB", (4, 4))])
    with Image.open(path) as both:
        assert both.n_frames == 2
    assert read.header(path).frames == 1
    assert read_one(path)[0].shape == (16, 16, 3)


@pytest.mark.parametrize(
    "ending", ["ppm", "pgm", "jfif", "avif", "jp2", "tga", "qoi", "bmp", "dds"]
)
def test_formats_that_pillow_opens_are_read(tmp_path, ending):
    if f".{ending}" not in formats.endings():
        pytest.skip(f"this Pillow has no .{ending}")
    mode = "L" if ending == "pgm" else "RGB"
    Image.new(mode, (16, 16), "grey").save(tmp_path / f"a.{ending}")
    pixels, _ = read_one(tmp_path / f"a.{ending}")
    assert pixels.shape[:2] == (16, 16) and abs(int(pixels[8, 8, 0]) - 128) < 4


def test_heic_is_read_where_its_library_is_installed(monkeypatch):
    assert not formats.HEIF_ENDINGS & formats.endings() or "pillow_heif" in sys.modules

    def register_heif_opener():
        Image.register_open("FAKE", ImageFile.ImageFile)
        Image.register_extension("FAKE", ".heic")

    fake = types.SimpleNamespace(register_heif_opener=register_heif_opener)
    monkeypatch.setitem(sys.modules, "pillow_heif", fake)
    for table in (Image.OPEN, Image.EXTENSION):
        monkeypatch.setattr(Image, "OPEN" if table is Image.OPEN else "EXTENSION", dict(table))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    formats.endings.cache_clear()
    try:
        assert ".heic" in formats.endings()
    finally:
        formats.endings.cache_clear()


@pytest.mark.parametrize("content", [b"", b"not an image", "cut", "float", "wide"])
def test_what_is_no_picture_is_refused_with_a_reason(tmp_path, content):
    path = tmp_path / "a.tif"
    if content == "cut":
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(noise).save(path, format="png")
        path.write_bytes(path.read_bytes()[:500])
    elif isinstance(content, str):
        Image.new("F" if content == "float" else "I", (4, 4)).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(
        read.Unreadable, match=r"mode [FI]\b" if content in ("float", "wide") else "."
    ):
        list(read.pictures(path))


def test_pixels_are_the_centre_resized_by_area():
    wide = np.zeros((2, 8, 3), np.uint8)
    wide[:, 3:5] = 100, 200, 60
    pixels = read.pixels(Image.fromarray(wide), 3, (1, 1))
    assert pixels.tolist() == [[[100, 200, 60]]]
    grey = read.pixels(Image.fromarray(wide), 1, (1, 1))
    assert grey.shape == (1, 1, 1) and 100 < grey[0, 0, 0] < 200

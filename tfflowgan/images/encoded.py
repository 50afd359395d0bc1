"""Files that need no conversion: a decoder of JPEG and PNG alone gives what `read.flat` gives.

A served model decodes such files itself, and refuses the others by these rules
(`tfflowgan.serving.encoded_rules` has them as a graph). The client asks here first, and converts
what would be refused. A rule may refuse a file that needs no conversion; it never lets through one
that does.
"""

import re

__all__ = ["LONGEST_SIDE", "MOST_PIXELS", "ORIENTED", "RULES", "broken_rule"]

MOST_PIXELS = 2**25  # of one file; decoding and resizing takes about 20 bytes each
LONGEST_SIDE = 2**16 - 1

RULES = (  # each the end of a sentence about the files, in the order in which they are looked at
    "must be JPEG or PNG files",
    "must be complete baseline or progressive JPEG of 8 bits, grey or in three colours, not CMYK",
    "must be PNG of at most 8 bits per value",
    "must be without an alpha channel or a transparent colour",
    "must have one frame",
    "must have no orientation by which to turn them",
    f"must have at most {MOST_PIXELS} pixels, and sides of at most {LONGEST_SIDE}",
)

# What Pillow turns a picture by: a value of 2 to 8 of EXIF's entry 0x0112, which counts one value
# of a whole-number type, in either byte order; any value of another type, to be safe; the same in
# XMP. Compressed text, and PNG's hexadecimal "Raw profile", are not looked into but refused. The
# pattern has no bytes above 0x7f, so it means the same to `re` and to TensorFlow's RE2.
ORIENTED = "|".join(
    [
        r"\x12\x01(?:[\x01\x03\x04\x06\x08\x09]\x00\x01\x00\x00\x00[\x02-\x08]"
        r"|[\x05\x0a-\x12]\x00\x01\x00\x00\x00)",
        r"\x01\x12\x00(?:[\x01\x06]\x00\x00\x00\x01[\x02-\x08]"
        r"|[\x03\x08]\x00\x00\x00\x01\x00[\x02-\x08]"
        r"|[\x04\x09]\x00\x00\x00\x01\x00\x00\x00[\x02-\x08]"
        r"|[\x05\x0a-\x12]\x00\x00\x00\x01)",
        r"tiff:Orientation(?:=\"|>)[2-8]",
        r"Raw profile type exif\x00",
        r"XML:com\.adobe\.xmp\x00\x01",
    ]
)
_ORIENTED = re.compile(ORIENTED.encode())


def broken_rule(content: bytes) -> int | None:
    """Returns the index in `RULES` of the first rule that a file breaks; None if it breaks none.

    Args:
      content: the whole file.
    """
    if content.startswith(b"\xff\xd8\xff"):
        frame = _jpeg_frame(content)
        if frame is None:
            return 1
        height, width = (int.from_bytes(content[at : at + 2]) for at in (frame + 5, frame + 7))
    elif content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR") and len(content) > 32:
        width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
        chunks = _png_chunks(content)
        if content[24] > 8:
            return 2
        if content[25] in (4, 6) or b"tRNS" in chunks:
            return 3
        if b"acTL" in chunks:
            return 4
    else:
        return 0
    if _ORIENTED.search(content):
        return 5
    fits = max(height, width) <= LONGEST_SIDE and height * width <= MOST_PIXELS
    return None if fits else 6


def _jpeg_frame(content):
    """Where the marker of a JPEG's frame is; None if there is none that TensorFlow decodes."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            good = marker <= 0xC2 and content[at + 4] == 8 and content[at + 9] in (1, 3)
            return at if good else None
        if marker == 0xFF:  # fills up
            at += 1
        elif marker in (0x01, *range(0xD0, 0xD8)):  # has no length
            at += 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _png_chunks(content):
    """The types of a PNG's chunks before its pixels."""
    at, found = 8, set()
    while at + 8 <= len(content) and (kind := content[at + 4 : at + 8]) != b"IDAT":
        found.add(kind)
        at += 12 + int.from_bytes(content[at : at + 4])
    return found

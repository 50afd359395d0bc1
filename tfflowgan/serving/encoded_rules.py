"""The rules of `tfflowgan.images.encoded` as a graph: which files a decoder reads as Python does.

The headers are walked as the formats define it: a JPEG by its markers up to the frame, a PNG by its
chunks up to the pixels. A test compares both forms of the rules.
"""

import tensorflow as tf

from tfflowgan.images.encoded import LONGEST_SIDE, MOST_PIXELS, ORIENTED

__all__ = ["broken_rules", "is_png"]

_PNG = b"\x89PNG\r\n\x1a\n"
_MARGIN = 1  # a zero behind a file, so that an empty one has a byte too


def is_png(contents: tf.Tensor) -> tf.Tensor:
    """Whether files begin as PNG, bool of the shape of the strings."""
    return tf.equal(tf.strings.substr(contents, 0, len(_PNG)), _PNG)


def broken_rules(contents: tf.Tensor) -> tf.Tensor:
    """The index of the first rule that each file breaks, or -1.

    Args:
      contents: whole files, strings `[B]`.

    Returns:
      int32 `[B]`, indices in `tfflowgan.images.encoded.RULES`.
    """
    # "\C" is one byte; "." would be one character of UTF-8
    oriented = tf.strings.regex_full_match(contents, rf"\C*(?:{ORIENTED})\C*")
    jpeg = tf.equal(tf.strings.substr(contents, 0, 3), b"\xff\xd8\xff")
    row = tf.TensorSpec([], tf.int32)
    return tf.map_fn(
        _broken_rule, (contents, jpeg, is_png(contents), oriented), fn_output_signature=row
    )


def _broken_rule(row):
    content, jpeg, png, oriented = row
    size = tf.strings.length(content)
    data = tf.concat([tf.io.decode_raw(content, tf.uint8), tf.zeros([_MARGIN], tf.uint8)], 0)
    frame = _jpeg_frame(data, size, jpeg)
    jpeg_kind, jpeg_bits, jpeg_values = _bytes(data, frame, [1, 4, 9])
    good_frame = (frame >= 0) & (jpeg_kind <= 0xC2) & (jpeg_bits == 8)
    good_frame &= (jpeg_values == 1) | (jpeg_values == 3)
    png &= (size > 32) & (_number(data, 8) == 13) & (_number(data, 12) == _kind("IHDR"))
    transparent, animated = _png_chunks(data, size, png)
    bits, colour = _bytes(data, 24, [0, 1])
    height, width = (_number(data, frame + at, 2) for at in (5, 7))
    height, width = (
        tf.where(png, _number(data, at), side) for at, side in [(20, height), (16, width)]
    )
    broken = [
        ~(jpeg | png),
        jpeg & ~good_frame,
        png & (bits > 8),
        png & ((colour == 4) | (colour == 6) | transparent),
        png & animated,
        oriented,
        (tf.maximum(height, width) > LONGEST_SIDE) | (height * width > MOST_PIXELS),
    ]
    return tf.where(tf.reduce_any(broken), tf.argmax(tf.stack(broken), output_type=tf.int32), -1)


def _jpeg_frame(data, size, wanted):
    """Where the marker of a JPEG's frame is, or -1."""

    def looking(at, frame):
        return (frame < 0) & (at + 9 < size) & (_bytes(data, at, [0])[0] == 0xFF)

    def step(at, _):
        marker = _bytes(data, at, [1])[0]
        is_frame = (marker >= 0xC0) & (marker <= 0xCF)
        is_frame &= (marker != 0xC4) & (marker != 0xC8) & (marker != 0xCC)
        alone = (marker == 0x01) | ((marker >= 0xD0) & (marker < 0xD8))
        length = tf.cast(_number(data, at + 2, 2), tf.int32)
        length = tf.where(marker == 0xFF, 1, tf.where(alone, 2, 2 + length))
        return at + length, tf.where(is_frame, at, -1)

    return tf.while_loop(looking, step, [tf.where(wanted, 2, size), tf.constant(-1)])[1]


def _png_chunks(data, size, wanted):
    """Whether a PNG has a chunk "tRNS", and whether one "acTL", before its pixels."""
    size = tf.cast(size, tf.int64)

    def looking(at, *_):
        return (at + 8 <= size) & (_number(data, at + 4) != _kind("IDAT"))

    def step(at, transparent, animated):
        kind = _number(data, at + 4)
        following = at + 12 + _number(data, at)
        return following, transparent | (kind == _kind("tRNS")), animated | (kind == _kind("acTL"))

    start = [tf.where(wanted, tf.constant(8, tf.int64), size), False, False]
    return tf.while_loop(looking, step, start)[1:]


def _kind(name):
    return int.from_bytes(name.encode())


def _bytes(data, at, offsets):
    """Bytes at offsets from a place, as int32 scalars."""
    return tf.unstack(tf.cast(_taken(data, at, offsets), tf.int32))


def _number(data, at, length=4):
    """A number of `length` bytes, the most significant first, int64."""
    powers = tf.constant([256**i for i in reversed(range(length))], tf.int64)
    return tf.reduce_sum(tf.cast(_taken(data, at, range(length)), tf.int64) * powers)


def _taken(data, at, offsets):
    """Bytes at offsets from a place; one before the file or behind it gives that of an end."""
    places = tf.cast(at, tf.int64) + tf.constant(list(offsets), tf.int64)
    last = tf.size(data, tf.int64) - 1
    return tf.gather(data, tf.clip_by_value(places, 0, last))

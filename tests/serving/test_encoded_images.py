"""Files decoded in the graph: the pixels that Python reads, and a refusal of all others."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.serving import encoded_files
from tfflowgan.images import encoded, read
from tfflowgan.serving import encoded_rules
from tfflowgan.serving.area_resize import cut_and_resize
from tfflowgan.serving.encoded_images import decoded

PLAIN, REFUSED = encoded_files.plain(), encoded_files.refused()


@pytest.fixture(scope="module")
def broken_rules():
    return tf.function(
        encoded_rules.broken_rules, input_signature=[tf.TensorSpec([None], tf.string)]
    )


def decoder(shape):
    return tf.function(
        lambda contents: decoded(contents, shape, "encoded_bytes"),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )


@pytest.mark.parametrize("shape", [(28, 28, 1), (17, 24, 3)])
def test_files_give_the_pixels_that_python_reads(shape):
    """PNG exactly; JPEG to one level in a hundredth of the pixels, though here exactly too."""
    height, width, channels = shape
    found = decoder(shape)(list(PLAIN.values())).numpy()
    for (name, content), pixels in zip(PLAIN.items(), found, strict=True):
        with Image.open(io.BytesIO(content)) as picture:
            expected = read.pixels(read.flat(picture)[0], channels, (width, height))
        off = np.abs(pixels.astype(int) - expected)
        assert off.max() <= name.startswith("jpeg") and (off > 0).mean() <= 0.01, name


@pytest.mark.parametrize(("height", "width"), [(28, 28), (1, 1), (3, 50), (48, 35)])
def test_pictures_are_cut_and_resized_as_pillow_does(height, width):
    """In the optimized graph, where a division by a constant would be another."""
    resize = tf.function(
        lambda picture: cut_and_resize(picture, height, width),
        input_signature=[tf.TensorSpec([None, None, 3], tf.uint8)],
    )
    random = np.random.default_rng(0)
    sizes = [(1, 1), (1, 90), (900, 3), (901, 9), (3, 900), (28, 28), (476, 435), (137, 137)]
    sizes += [tuple(pair) for pair in random.integers(1, 300, (60, 2))]
    for size in sizes:
        picture = random.integers(0, 256, (*size, 3), np.uint8)
        expected = read.pixels(Image.fromarray(picture), 3, (width, height))
        np.testing.assert_array_equal(resize(picture), expected, err_msg=str(size))


def test_both_forms_of_the_rules_let_through_what_needs_no_conversion(broken_rules):
    assert {encoded.broken_rule(content) for content in PLAIN.values()} == {None}
    np.testing.assert_array_equal(broken_rules(list(PLAIN.values())), -1)


def test_both_forms_of_the_rules_refuse_the_rest_by_the_same_rule(broken_rules):
    expected = {name: rule for name, (_, rule) in REFUSED.items()}
    assert set(expected.values()) == set(range(len(encoded.RULES)))
    assert {n: encoded.broken_rule(content) for n, (content, _) in REFUSED.items()} == expected
    found = broken_rules([content for content, _ in REFUSED.values()]).numpy()
    assert dict(zip(REFUSED, found.tolist(), strict=True)) == expected


def test_both_forms_of_the_rules_agree_on_damaged_files(broken_rules):
    """Cut anywhere, or with a byte of the header replaced."""
    random = np.random.default_rng(0)
    contents = []
    for content in (PLAIN["jpeg upright"], PLAIN["png palette"], REFUSED["png animated"][0]):
        contents += [content[: random.integers(40)] for _ in range(10)]
        contents += [content[: random.integers(len(content))] for _ in range(10)]
        for at, byte in zip(random.integers(0, 200, 60), random.bytes(60), strict=True):
            contents.append(content[:at] + bytes([byte]) + content[at + 1 :])
    expected = [encoded.broken_rule(content) for content in contents]
    assert len(set(expected)) > 3
    np.testing.assert_array_equal(
        broken_rules(contents), [-1 if rule is None else rule for rule in expected]
    )


def test_a_refusal_gives_the_rule_and_the_row():
    decode = decoder((4, 4, 1))
    for name in (
        "gif",
        "jpeg CMYK",
        "png of 16 bits",
        "png with alpha",
        "png animated",
        "png huge",
    ):
        content, rule = REFUSED[name]
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            decode([PLAIN["png"], PLAIN["jpeg"], content])
        assert f"encoded_bytes {encoded.RULES[rule]}; " in caught.value.message
        assert "breaks this:] [2]" in caught.value.message


@pytest.mark.parametrize("name", ["jpeg", "png"])
def test_a_file_that_ends_early_has_no_pixels(name):
    content = PLAIN[name]
    assert encoded.broken_rule(content[: len(content) // 2]) is None
    with pytest.raises(tf.errors.InvalidArgumentError):
        decoder((4, 4, 1))([content[: len(content) // 2]])

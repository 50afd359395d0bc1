"""Images given in Python: what is taken, what is refused, and how they are split."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import synthetic_split
from tfflowgan import datasets
from tfflowgan.datasets import arrays
from tfflowgan.errors import UserError

SPLIT = synthetic_split(40, (4, 4, 1))
IMAGES, LABELS = SPLIT.images, SPLIT.labels


def _dataset(*tensors):
    return tf.data.Dataset.from_tensor_slices(tensors if len(tensors) > 1 else tensors[0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: IMAGES,
        lambda: tf.constant(IMAGES),
        lambda: list(IMAGES),
        lambda: _dataset(IMAGES),
        lambda: _dataset(IMAGES).batch(7),
        lambda: (IMAGES, LABELS),
        lambda: (IMAGES, LABELS[:, None].astype(np.uint8)),
        lambda: _dataset(IMAGES, LABELS),
        lambda: _dataset(IMAGES, LABELS).batch(7),
    ],
)
def test_every_form_gives_the_same_images_in_their_order(make):
    splits = arrays.splits_of(make(), validation_data=IMAGES[:5], test_data=IMAGES[5:8])
    np.testing.assert_array_equal(splits.train.images, IMAGES)
    np.testing.assert_array_equal(splits.validation.images, IMAGES[:5])
    np.testing.assert_array_equal(splits.test.images, IMAGES[5:8])
    if splits.train.labels is not None:
        np.testing.assert_array_equal(splits.train.labels, LABELS)
        assert splits.train.labels.dtype == np.int64


def test_a_tenth_is_held_out_whatever_the_order():
    one, other = arrays.splits_of(IMAGES), arrays.splits_of((IMAGES[::-1], LABELS[::-1]))
    assert (len(one.train), len(one.validation), len(one.test)) == (36, 4, 0)
    np.testing.assert_array_equal(one.validation.images, other.validation.images)
    assert one.provenance()["fingerprint"] == other.provenance()["fingerprint"]
    rows = {image.tobytes() for image in [*one.train.images, *one.validation.images]}
    assert rows == {image.tobytes() for image in IMAGES}


@pytest.mark.parametrize(
    "images, said",
    [
        (IMAGES / np.float32(255), r"images\b.*float32.*uint8.*255 \* x"),
        (IMAGES.astype(np.int64), r"images\b.*int64.*uint8"),
        (IMAGES[..., 0], r"images\b.*\(40, 4, 4\).*images\[\.\.\., None\]"),
        (IMAGES[0, 0], r"images\b.*\(4, 1\).*\(N, H, W, C\)"),
        (IMAGES[:0], r"images\b.*\(0, 4, 4, 1\)"),
        (IMAGES[:1], "images.*validation_data"),
        ([IMAGES[0], IMAGES[0, :2]], "images.*shapes"),
        (None, "images.*object"),
        ((IMAGES, LABELS[:3]), r"images\b.*labels.*\(3,\).*\(40,\)"),
        ((IMAGES, LABELS / 2), "images.*labels.*float64"),
        (_dataset(IMAGES / np.float32(255)), r"images\b.*float32.*uint8"),
        (_dataset(IMAGES[..., 0]).map(lambda x: x[0]), r"images\b.*\(4,\).*\(H, W, C\)"),
        (_dataset(IMAGES).repeat(), "images.*end.*take"),
        (_dataset(IMAGES).take(0), "images.*no images"),
        (_dataset({"image": IMAGES}), "images.*'image'.*map"),
        (_dataset(IMAGES).concatenate(_dataset(IMAGES[:, :2])), "images.*shapes"),
    ],
)
def test_other_images_are_refused_without_a_flag(images, said):
    with pytest.raises(ValueError, match=said) as refused:
        arrays.splits_of(images)
    assert isinstance(refused.value, UserError) and "--" not in str(refused.value)


def test_splits_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match=r"validation_data.*\(4, 2, 1\).*\(4, 4, 1\)"):
        arrays.splits_of(IMAGES, validation_data=IMAGES[:, :, :2])
    with pytest.raises(ValueError, match=r"test_data\b.*float64"):
        arrays.splits_of(IMAGES, test_data=IMAGES / 255)


def test_a_dataset_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(arrays, "LIMIT", IMAGES.nbytes - 1)
    with pytest.raises(ValueError, match="images.*GiB.*take"):
        arrays.splits_of(_dataset(IMAGES).batch(7))
    monkeypatch.setattr(arrays, "LIMIT", IMAGES.nbytes)
    assert len(arrays.splits_of(_dataset(IMAGES).batch(7)).train) == 36


def test_they_cannot_be_loaded_from_disk():
    with pytest.raises(UserError, match="--dataset=arrays.*tfflowgan.fit.*RunEvaluator"):
        datasets.load("arrays")

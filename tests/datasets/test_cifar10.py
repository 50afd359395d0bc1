"""CIFAR-10 from local batches."""

import re

import numpy as np
import pytest

from tfflowgan import datasets
from tfflowgan.datasets import cifar10
from tfflowgan.errors import UserError


@pytest.fixture
def batches(tmp_path, monkeypatch):
    """A folder of two tiny batches in the binary version's layout."""
    monkeypatch.setattr(cifar10, "_RECORDS", 20)
    monkeypatch.setattr(cifar10, "_MD5", {})
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name in ("data_batch_1.bin", "data_batch_4.bin", "test_batch.bin"):
        records = generator.integers(0, 256, (20, 3073), np.uint8)
        records[:, 0] %= 10
        (folder / name).write_bytes(records.tobytes())
    return folder


def test_planes_become_channels(batches):
    record = np.frombuffer((batches / "test_batch.bin").read_bytes(), np.uint8).reshape(20, 3073)[0]
    splits = datasets.load("cifar10", str(batches))
    expected = np.stack(record[1:].reshape(3, 32, 32), axis=-1)
    where = np.flatnonzero((splits.test.images == expected).all(axis=(1, 2, 3)))
    assert len(where) == 1 and splits.test.labels[where[0]] == record[0]


def test_fewer_than_five_batches_are_accepted_and_said(batches, caplog):
    splits = datasets.load("cifar10", str(batches.parent))
    assert splits.source == "local originals, 2 of 5 training batches"
    assert str(batches) in caplog.text and re.search(r"\b2\b.*\b5\b", caplog.text)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (36, 4, 20)


def test_bad_batches_are_named(batches):
    path = batches / "data_batch_4.bin"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UserError, match=r"data_batch_4.bin.*\b61455\b.*\b61460\b"):
        datasets.load("cifar10", str(batches))
    path.write_bytes(b"\xff" * 61460)
    with pytest.raises(UserError, match="data_batch_4.bin has the label 255"):
        datasets.load("cifar10", str(batches))
    (batches / "test_batch.bin").unlink()
    path.unlink()
    with pytest.raises(UserError, match="test_batch.bin"):
        datasets.load("cifar10", str(batches))


def test_a_changed_byte_is_noticed(batches, monkeypatch):
    monkeypatch.setattr(cifar10, "_MD5", {"data_batch_1.bin": "0" * 32})
    with pytest.raises(UserError, match="data_batch_1.bin.*md5.*" + "0" * 12):
        datasets.load("cifar10", str(batches))


@pytest.mark.slow
def test_the_real_batches(cifar10_dir):
    splits = datasets.load("cifar10", str(cifar10_dir))
    assert splits.image_shape == (32, 32, 3)
    assert np.bincount(splits.test.labels).tolist() == [1000] * 10
    assert len(splits.validation) * 9 == len(splits.train)
    assert datasets.flips_in_training("cifar10")

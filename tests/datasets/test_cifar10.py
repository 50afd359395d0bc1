"""CIFAR-10 from local batches."""

import io
import pathlib
import pickle
import re
import shutil
import tarfile

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


def _pickled(records, protocol=2):
    rows = np.frombuffer(records, np.uint8).reshape(-1, 3073)
    batch = {b"data": rows[:, 1:].copy(), b"labels": rows[:, 0].tolist(), b"batch_label": b"a"}
    return pickle.dumps(batch, protocol)


def _packed(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{path.stem}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("form", ["python", "python here", "python tar", "binary tar"])
def test_other_forms_are_the_same_images(batches, tmp_path, form):
    expected = datasets.load("cifar10", str(batches)).provenance()
    files = {path.name: path.read_bytes() for path in batches.iterdir()}
    pickled = {name.removesuffix(".bin"): _pickled(data) for name, data in files.items()}
    root = tmp_path / "other"
    root.mkdir()
    if form == "binary tar":
        _packed(root / "cifar-10-binary.tar.gz", files | {"readme.html": b"x"})
    elif form == "python tar":
        _packed(root / "cifar-10-python.tar.gz", pickled | {"batches.meta": b"x"})
    else:
        folder = root if form == "python here" else root / "cifar-10-batches-py"
        folder.mkdir(exist_ok=True)
        for name, content in pickled.items():
            (folder / name).write_bytes(content)
    assert datasets.load("cifar10", str(root)).provenance() == expected


def test_other_forms_that_are_damaged_are_named(batches, tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    good = _pickled((batches / "test_batch.bin").read_bytes())
    shutil.rmtree(batches)
    for bad in (good[:-100], pickle.dumps({b"labels": [1]}), b"", pickle.dumps([1])):
        (folder / "data_batch_1").write_bytes(bad)
        with pytest.raises(UserError, match="data_batch_1"):
            datasets.load("cifar10", str(tmp_path))
    (folder / "data_batch_1").write_bytes(good)
    with pytest.raises(UserError, match="cifar-10-batches-py.*test_batch"):
        datasets.load("cifar10", str(tmp_path))
    (folder / "data_batch_1").unlink()
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(UserError, match="cifar-10-python.tar.gz"):
        datasets.load("cifar10", str(tmp_path))


class _Program:
    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("was_here"),)


def test_a_pickle_cannot_run_a_program(batches, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(batches)
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({b"data": _Program()}))
    with pytest.raises(UserError, match="data_batch_1.*touch|data_batch_1.*getattr"):
        datasets.load("cifar10", str(tmp_path))
    assert not (tmp_path / "was_here").exists()


@pytest.mark.slow
def test_the_real_batches(cifar10_dir):
    splits = datasets.load("cifar10", str(cifar10_dir))
    assert splits.image_shape == (32, 32, 3)
    assert np.bincount(splits.test.labels).tolist() == [1000] * 10
    assert len(splits.validation) * 9 == len(splits.train)
    assert datasets.flips_in_training("cifar10")

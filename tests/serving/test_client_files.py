"""The client scores files: those that the model decodes as they are, the others converted."""

import base64
import sys

import numpy as np
import pytest

from tests.serving import encoded_files, models
from tfflowgan.client import Client, WrongInput, read_images

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files that the model decodes, and files that the client must convert."""
    folder = tmp_path_factory.mktemp("files")
    known = encoded_files.plain()
    known |= {name: content for name, (content, _) in encoded_files.refused().items()}
    names = ["jpeg", "png", "jpeg grey", "gif", "png with alpha", "jpeg turned, < 8 3", "jpeg CMYK"]
    for i, name in enumerate(names):
        (folder / f"{i} {name}").write_bytes(known[name])
    return folder


def test_files_are_scored_as_their_pixels(served, folder):
    protocol, address, sent = served
    paths, before = sorted(folder.iterdir()), len(sent)
    with Client("small", address, protocol, rows=3) as client:
        found = client.score_files(paths, seed=4)
        assert len(sent) == before + 3
        expected = client.bits_per_dim(read_images(paths, models.SHAPE), seed=4)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(np.unique(found)) == len(paths)


def test_files_that_need_no_conversion_are_sent_as_they_are(served, folder, monkeypatch):
    protocol, address, sent = served
    monkeypatch.setitem(sys.modules, "PIL", None)
    paths = sorted(folder.iterdir())[:2]
    with Client("small", address, protocol) as client:
        client.score_files(paths)
    if protocol == "rest":
        values = [base64.b64decode(file["b64"]) for file in sent[-1]["inputs"]["encoded_bytes"]]
    else:
        values = list(sent[-1].inputs["encoded_bytes"].string_val)
    assert values == [path.read_bytes() for path in paths]


def test_files_that_cannot_be_scored_are_named(client, folder, tmp_path):
    with pytest.raises(WrongInput, match="paths"):
        client.score_files([])
    with pytest.raises(WrongInput, match=f"{tmp_path / 'none.png'}"):
        client.score_files([tmp_path / "none.png"])
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(WrongInput, match="text.png"):
        client.score_files([tmp_path / "text.png"])


def test_files_that_the_model_refuses_are_refused_by_rule_and_row(client):
    files = [encoded_files.plain()["png"], encoded_files.refused()["png with alpha"][0]]
    seeds = np.zeros(2, np.int64)
    with pytest.raises(WrongInput, match="encoded_bytes must be without an alpha.*: 1$"):
        client.call("score_encoded", encoded_bytes=np.array(files, object), seeds=seeds)
